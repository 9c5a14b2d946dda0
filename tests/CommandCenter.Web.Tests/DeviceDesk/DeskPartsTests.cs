using System.Collections.Immutable;
using System.Globalization;
using Bunit;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using CommandCenter.Web.DeviceDesk;
using CommandCenter.Web.Tests.Wall;
using CommandCenter.Web.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CommandCenter.Web.Tests.DeviceDesk;

public sealed class DeskPartsTests : BunitContext
{
    private static readonly DateTimeOffset Now = PretendedCity.Now;
    private static readonly DeskContext Desk = new(Actor.System, PretendedCity.District, PretendedCity.Areas, new Vocabulary(VocabularyDocument.Shipped));

    public DeskPartsTests()
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("zh-CN");
        Services.AddTexts();
        Services.AddLogging();
    }

    private static DeviceRegistration Device(string id) => new()
    {
        Id = new(id), Name = "名称 " + id, Kind = "water_level", Street = PretendedCity.Wuxing, IntervalSeconds = 60, Source = new("chirpstack", "key-" + id),
        Quantities = [new() { Name = new("water_depth"), Unit = "mm" }],
    };

    [Fact]
    public void The_list_shows_each_device_as_it_lives_and_says_what_is_old()
    {
        var live = PretendedCity.Devices.First(device => device.Kind == "water_level") with { Id = new("a"), At = Now.AddMinutes(-3), State = DeviceState.Offline };
        var list = Render<DeviceList>(parameters => parameters.AddCascadingValue(Desk)
            .Add(part => part.Rows, [Device("a"), Device("b")]).Add(part => part.Total, 2).Add(part => part.Counts, new DeviceCounts(0, 0, 1, 1, 0))
            .Add(part => part.Filter, new DeviceFilter()).Add(part => part.Live, id => id.Value == "a" ? live : null).Add(part => part.Now, Now));

        var rows = list.FindAll("[data-testid=device]");
        Assert.Equal(2, rows.Count);
        Assert.Contains("离线", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("key-a", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("stale", rows[0].QuerySelector("time.age")!.ClassList);
        Assert.Contains("从未收到", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Equal("1", list.Find("[data-testid=state-offline] b").TextContent);
    }

    [Fact]
    public void A_filter_that_finds_nothing_says_what_to_do_and_a_state_is_chosen_and_let_go_by_the_same_button()
    {
        DeviceFilter? asked = null;
        var list = Render<DeviceList>(parameters => parameters.AddCascadingValue(Desk).Add(part => part.Rows, []).Add(part => part.Counts, new DeviceCounts(0, 0, 0, 0, 0))
            .Add(part => part.Filter, new DeviceFilter { Kind = "gas" }).Add(part => part.Live, _ => null).Add(part => part.Now, Now)
            .Add(part => part.OnFilter, EventCallback.Factory.Create<DeviceFilter>(this, next => asked = next)));
        Assert.Contains("清除筛选", list.Markup, StringComparison.Ordinal);

        list.Find("[data-testid=state-offline]").Click();
        Assert.Equal(new DeviceFilter { Kind = "gas", State = DeviceState.Offline }, asked);
        list.Render(parameters => parameters.Add(part => part.Filter, asked!));
        list.Find("[data-testid=state-offline]").Click();
        Assert.Equal(new DeviceFilter { Kind = "gas" }, asked);
        list.Find("[data-testid=search]").Input("龙江");
        Assert.Equal("龙江", asked!.Text);
    }

    [Fact]
    public void A_waiting_device_shows_its_count_guess_and_last_payload_and_is_registered_by_one_click()
    {
        UnregisteredDevice? registered = null;
        var seen = new UnregisteredDevice
        {
            Format = "canonical", Key = "wl-new", Count = 1_234, FirstSeenAt = Now.AddHours(-1), LastSeenAt = Now.AddSeconds(-5), LastTopic = "city/v1/320404001/wl-new/readings",
            LastPayload = """{"values":{"water_depth":3}}""", Suggestion = Device("wl-new"),
        };
        var list = Render<UnregisteredList>(parameters => parameters.AddCascadingValue(Desk).Add(part => part.Items, [seen]).Add(part => part.Chosen, seen).Add(part => part.Now, Now)
            .Add(part => part.OnRegister, EventCallback.Factory.Create<UnregisteredDevice>(this, one => registered = one)));

        var row = list.Find("[data-testid=unregistered]");
        Assert.Contains("1,234", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("积水监测 · 五星街道", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("\"water_depth\": 3", list.Find("pre").TextContent, StringComparison.Ordinal);
        list.Find("[data-testid=register]").Click();
        Assert.Same(seen, registered);
    }

    [Fact]
    public void The_form_says_beside_each_field_what_is_wrong()
    {
        var draft = new DeviceDraft { IsNew = true };
        draft.Quantities.Add(new QuantityDraft { Name = "water_depth", FromUnit = "kW" });
        var faults = new Faults();
        draft.Check(faults);
        var form = Render<DeviceForm>(parameters => parameters.AddCascadingValue(Desk).Add(part => part.Draft, draft).Add(part => part.Faults, faults));

        Assert.Equal("必填", form.Find("[data-field=name] .fault").TextContent);
        Assert.Equal("请选择街道,或给出位置", form.Find("[data-field=street] .fault").TextContent);
        Assert.Contains("“kW”不能换算为 mm", form.Find("[data-field='quantities[0].fromUnit']").TextContent, StringComparison.Ordinal);
        Assert.Empty(form.FindAll("[data-field=lat] .fault"));
    }

    [Fact]
    public void A_name_of_the_last_message_is_mapped_by_a_click_once()
    {
        var draft = new DeviceDraft { IsNew = true };
        var form = Render<DeviceForm>(parameters => parameters.AddCascadingValue(Desk).Add(part => part.Draft, draft).Add(part => part.Faults, new Faults())
            .Add(part => part.Names, [KeyValuePair.Create("distance_cm", (double?)15.2)]));
        form.Find(".name").Click();
        form.Find(".name").Click();
        Assert.Equal(("distance", "distance_cm", "cm"), (draft.Quantities.Single().Name, draft.Quantities.Single().From, draft.Quantities.Single().FromUnit));
    }

    [Fact]
    public void A_fault_of_the_registry_is_said_in_the_language_of_the_screen()
    {
        var faults = new Faults();
        faults.Add(ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("source.key", ["taken: device wl-2 has this identity."]));
        var form = Render<DeviceForm>(parameters => parameters.AddCascadingValue(Desk).Add(part => part.Draft, new DeviceDraft { Format = "chirpstack" }).Add(part => part.Faults, faults));
        Assert.Equal("已被占用 device wl-2 has this identity.", form.Find("[data-field='source.key'] .fault").TextContent);
    }

    [Theory]
    [InlineData(8 * 3_600_000, "快 8 小时 0 分")]
    [InlineData(-601_000, "慢 10 分 1 秒")]
    [InlineData(26L * 3_600_000, "快 1 天 2 小时")]
    public void A_wrong_clock_is_named_with_how_far_it_is_off(long offsetMs, string text)
    {
        var clocks = Render<ClockList>(parameters => parameters.AddCascadingValue(Desk).Add(part => part.Now, Now)
            .Add(part => part.Clocks, [new WrongClockDocument(new("wl-1"), "积水1", PretendedCity.Wuxing, offsetMs, Now.AddHours(-2), Now, 7)]));
        Assert.Equal(text, clocks.Find(".offset").TextContent);
    }

    [Fact]
    public async Task Decoding_again_goes_page_by_page_and_shows_what_became_of_the_messages()
    {
        var pages = new Queue<DecodedPage>(
        [
            new DecodedPage(200, 190, 10, 180, 10, ImmutableSortedDictionary<string, int>.Empty.Add("bad_unit", 10), "next"),
            new DecodedPage(50, 50, 0, 0, 50, ImmutableSortedDictionary<string, int>.Empty, null),
        ]);
        var asked = new List<string?>();
        var run = new DecodeRun((query, _) =>
        {
            asked.Add(query.Cursor);
            return Task.FromResult(pages.Dequeue());
        }, new RejectionQuery(), 250);
        var percents = new List<int>();

        await run.RunAsync(() =>
        {
            percents.Add(run.Percent);
            return Task.CompletedTask;
        }, Xunit.TestContext.Current.CancellationToken);

        Assert.Equal([null, "next"], asked);
        Assert.Equal([80, 100], percents);
        var shown = Render<DecodeProgress>(parameters => parameters.Add(part => part.Run, run));
        Assert.Equal("已处理 250 条:通过 240,仍被拒 10;180 项进入实时规则,60 项仅入历史", shown.Find("span").TextContent);
        Assert.Contains("单位错误 10", shown.Markup, StringComparison.Ordinal);
    }
}
