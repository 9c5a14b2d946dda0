using System.Xml.Linq;
using CommandCenter.Grains.Contracts;
using Xunit;

namespace CommandCenter.Web.Tests.Texts;

public sealed class WordsTests
{
    private static Dictionary<string, string> Read(string file, string room = "Texts")
    {
        return XDocument.Load(Path.Combine(Root(), "src", "CommandCenter.Web", room, file)).Root!
            .Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value, StringComparer.Ordinal);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }

    [Theory]
    [InlineData("Texts", "Words")]
    [InlineData("IncidentDesk", "DeskWords")]
    [InlineData("DeviceDesk", "DeviceWords")]
    [InlineData("QualityDesk", "QualityWords")]
    [InlineData("RuleDesk", "RuleWords")]
    public void Both_languages_say_the_same_things(string room, string words)
    {
        var chinese = Read($"{words}.resx", room);
        var english = Read($"{words}.en.resx", room);
        Assert.Equal(chinese.Keys.Order(StringComparer.Ordinal), english.Keys.Order(StringComparer.Ordinal));
        Assert.All(chinese.Keys, key =>
        {
            Assert.NotEmpty(chinese[key]);
            Assert.NotEmpty(english[key]);
            for (var place = 0; place < 4; place++)
            {
                Assert.Equal(chinese[key].Contains($"{{{place}}}", StringComparison.Ordinal), english[key].Contains($"{{{place}}}", StringComparison.Ordinal));
            }
        });
    }

    [Fact]
    public void The_quality_page_has_a_text_for_every_field_that_a_maintenance_window_can_be_refused_for()
    {
        var words = Read("QualityWords.resx", "QualityDesk");
        var source = string.Concat(new[] { "MaintenanceBook.cs", "MaintenanceGrain.cs" }.Select(file => File.ReadAllText(Path.Combine(Root(), "src", "CommandCenter.Grains", "Warnings", file))));
        var fields = System.Text.RegularExpressions.Regex.Matches(source, "(?:errors\\[|SetItem\\()\"([a-z]+)\"").Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(fields.Count >= 5, "The fields were not found in the source.");
        Assert.All(fields, field => Assert.Contains($"maintenance.refused.{field}", words.Keys));
    }

    [Fact]
    public void The_desk_has_a_word_for_every_state_step_and_event()
    {
        var words = Read("DeskWords.resx", "IncidentDesk");
        var events = File.ReadAllText(Path.Combine(Root(), "src", "CommandCenter.Grains", "Incidents", "IncidentEvents.cs"));
        var wanted = Enum.GetNames<IncidentState>().Select(name => "state." + Snake(name))
            .Concat(Enum.GetNames<TaskState>().Select(name => "task." + Snake(name)))
            .Concat(Enum.GetNames<ReceiptState>().Select(name => "receipt." + Snake(name)))
            .Concat(Enum.GetNames<Refusal>().Select(name => "refusal." + Snake(name)))
            .Concat(System.Text.RegularExpressions.Regex.Matches(events, "JsonDerivedType\\(typeof\\([^)]*\\), \"([a-z_]+)\"").Select(match => "event." + match.Groups[1].Value))
            .ToList();
        Assert.True(wanted.Count(key => key.StartsWith("event.", StringComparison.Ordinal)) > 20, "The event words were not found in the source.");
        Assert.All(wanted, key => Assert.Contains(key, words.Keys));
    }

    private static string Snake(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    [Fact]
    public void Every_word_of_a_warnings_life_and_of_an_explanation_is_there()
    {
        var words = Read("Words.resx");
        var wanted = Enum.GetNames<ExplanationWord>().Select(name => "explain." + Snake(name))
            .Concat(Enum.GetNames<WarningChangeKind>().Select(name => "change." + Snake(name)))
            .Concat(Enum.GetNames<SilenceWhy>().Select(name => "silence." + Snake(name)));
        Assert.All(wanted, key => Assert.Contains(key, words.Keys));
        var desk = Read("DeskWords.resx", "IncidentDesk");
        Assert.All(Enum.GetNames<SilenceWhy>(), name => Assert.Contains("warning.silence." + Snake(name), desk.Keys));
        Assert.All(Enum.GetNames<CommandCenter.Web.IncidentDesk.WorkMode>(), name => Assert.Contains("mode." + Snake(name), desk.Keys));
    }

    [Fact]
    public void Every_state_of_the_contracts_has_a_word()
    {
        var words = Read("Words.resx");
        var wanted = Enum.GetNames<IncidentState>().Select(name => "incident_state." + name)
            .Concat(Enum.GetNames<TaskState>().Select(name => "task_state." + name))
            .Concat(Enum.GetNames<DeviceState>().Select(name => "device_state." + name))
            .Concat(Enum.GetNames<GovernanceDomain>().Select(name => "domain." + name))
            .Concat(Enum.GetNames<Colour>().Select(name => "colour." + name))
            .Concat(Enum.GetNames<VitalBand>().Select(name => "band." + name))
            .Concat(Enum.GetNames<Refusal>().Select(name => "refusal." + name));
        Assert.All(wanted, key => Assert.Contains(key.ToLowerInvariant(), words.Keys));
    }
}
