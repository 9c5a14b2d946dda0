using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Registry;
using Xunit;
using static CommandCenter.Grains.Tests.Registry.Documents;

namespace CommandCenter.Grains.Tests.Registry;

public sealed class RegisteringTests
{
    private static readonly RegistryState OneGauge = Decide(RegistryState.Empty, WaterGauge).After;

    [Fact]
    public void A_new_device_has_version_one()
    {
        var decision = Decide(RegistryState.Empty, WaterGauge);
        Assert.Equal(1, decision.Answers[0].Value!.Version);
        Assert.Null(Assert.Single(decision.Changes).Old);
        Assert.Equal(1, decision.After.Devices[WaterGauge.Id].Version);
    }

    [Fact]
    public void The_same_document_again_changes_nothing()
    {
        var decision = Decide(OneGauge, WaterGauge with { Version = 77, Tags = ["underpass", "underpass"] });
        Assert.True(decision.Answers[0].Repeated);
        Assert.Equal(1, decision.Answers[0].Value!.Version);
        Assert.Empty(decision.Changes);
    }

    [Fact]
    public void A_changed_document_is_the_next_version()
    {
        var decision = Decide(OneGauge, WaterGauge with { Street = Beigang });
        Assert.Equal(2, decision.Answers[0].Value!.Version);
        Assert.Equal((Yonghong, Beigang), (decision.Changes[0].Old!.Street, decision.Changes[0].New.Street));
    }

    [Fact]
    public void Documents_of_one_call_follow_each_other()
    {
        var decision = Decide(RegistryState.Empty, WaterGauge, WaterGauge with { Name = "二" }, WaterGauge with { Name = "二" });
        Assert.Equal([1, 2, 2], decision.Answers.Select(answer => answer.Value!.Version));
        Assert.Equal(2, decision.Changes.Length);
    }

    [Fact]
    public void A_refused_document_does_not_hold_up_the_others()
    {
        var decision = Decide(RegistryState.Empty, WaterGauge with { Kind = "toaster" }, WaterGauge);
        Assert.Equal([Refusal.Invalid, null], decision.Answers.Select(answer => answer.Refusal));
        Assert.Single(decision.Changes);
    }

    [Theory]
    [InlineData("0101010101010101")]
    [InlineData("ABCDEF", "abcdef")]
    public void A_foreign_identity_belongs_to_one_device(string key, string? sameKey = null)
    {
        var first = WaterGauge with { Source = new DeviceSource("chirpstack", key) };
        var second = first with { Id = new DeviceId("wl-018"), Source = new DeviceSource("chirpstack", sameKey ?? key) };
        var decision = Decide(RegistryState.Empty, first, second);
        Assert.StartsWith("taken: device wl-017", decision.Answers[1].Errors["source.key"][0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_foreign_identity_that_was_given_up_is_free()
    {
        var decision = Decide(OneGauge, WaterGauge with { Source = null }, WaterGauge with { Id = new DeviceId("wl-018") });
        Assert.All(decision.Answers, answer => Assert.True(answer.Succeeded));
        Assert.Equal(new DeviceId("wl-018"), decision.After.OwnerOf(WaterGauge.Source!));
    }

    [Fact]
    public void Only_the_administrators_role_registers()
    {
        var duty = Administrator with { Roles = [Role.Duty] };
        Assert.Equal(Refusal.NotAllowed, Registering.Decide(RegistryState.Empty, [WaterGauge], duty, Map, 10).Answers[0].Refusal);
    }

    [Fact]
    public void Devices_outside_the_actors_area_are_not_there()
    {
        Assert.Equal(Refusal.NotFound, Registering.Decide(OneGauge, [WaterGauge with { Street = Beigang }], Of(Beigang), Map, 10).Answers[0].Refusal);
        Assert.Equal(Refusal.NotFound, Registering.Decide(RegistryState.Empty, [WaterGauge], Of(Beigang), Map, 10).Answers[0].Refusal);
        Assert.True(Registering.Decide(RegistryState.Empty, [WaterGauge], Of(Yonghong), Map, 10).Answers[0].Succeeded);
        Assert.True(Registering.Decide(RegistryState.Empty, [WaterGauge with { Areas = [new AreaId("320404400")] }], Of(new AreaId("320404400")), Map, 10).Answers[0].Succeeded);
    }

    [Fact]
    public void The_platforms_own_devices_are_for_the_platform_only()
    {
        var canary = WaterGauge with { Internal = true };
        Assert.Equal("id", Assert.Single(Decide(RegistryState.Empty, canary).Answers[0].Errors).Key);
        var held = Registering.Decide(RegistryState.Empty, [canary], Actor.System, Map, 10).After;
        Assert.Equal(Refusal.NotFound, Decide(held, WaterGauge).Answers[0].Refusal);
    }

    [Fact]
    public void A_full_registry_refuses_new_devices_and_takes_changes()
    {
        var decision = Registering.Decide(OneGauge, [WaterGauge with { Name = "二" }, WaterGauge with { Id = new DeviceId("wl-018"), Source = null }], Administrator, Map, 1);
        Assert.Equal([null, Refusal.Unprocessable], decision.Answers.Select(answer => answer.Refusal));
    }

    [Fact]
    public void The_registry_knows_a_device_by_its_id_and_by_its_foreign_identity()
    {
        Assert.True(OneGauge.Knows(new DeviceSource("canonical", "wl-017")));
        Assert.True(OneGauge.Knows(WaterGauge.Source!));
        Assert.False(OneGauge.Knows(new DeviceSource("canonical", "wl-018")));
        Assert.False(OneGauge.Knows(new DeviceSource("senml", "0101010101010101")));
    }

    [Fact]
    public void A_loaded_registry_equals_the_one_that_was_decided()
    {
        var loaded = RegistryState.From(OneGauge.Devices.Values);
        Assert.Equal(OneGauge.Devices[WaterGauge.Id], loaded.Devices[WaterGauge.Id]);
        Assert.Equal(WaterGauge.Id, loaded.OwnerOf(WaterGauge.Source!));
    }

    private static RegistryDecision Decide(RegistryState before, params DeviceRegistration[] documents) =>
        Registering.Decide(before, [.. documents], Administrator, Map, 100);
}
