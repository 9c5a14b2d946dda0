using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Registry;
using Xunit;
using static CommandCenter.Grains.Tests.Registry.Documents;

namespace CommandCenter.Grains.Tests.Registry;

public sealed class CreditingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);
    private static readonly RegistryState Registered = RegistryState.From([WaterGauge, WaterGauge with { Id = new("wl-018"), Street = Beigang, Source = null }]);

    [Theory]
    [InlineData(Role.System, true)]
    [InlineData(Role.Security, true)]
    [InlineData(Role.Admin, true)]
    [InlineData(Role.Duty, false)]
    [InlineData(Role.Gateway, false)]
    [InlineData(Role.Audit, false)]
    public void Only_administrators_give_accounts(Role role, bool allowed) =>
        Assert.Equal(allowed ? null : Refusal.NotAllowed, Crediting.Decide(Registered, WaterGauge.Id, null, Administrator with { Roles = [role] }).Refusal);

    [Fact]
    public void A_device_that_is_missing_or_of_another_street_does_not_exist()
    {
        Assert.Equal(Refusal.NotFound, Crediting.Decide(Registered, new("wl-999"), null, Administrator).Refusal);
        Assert.Equal(Refusal.NotFound, Crediting.Decide(Registered, WaterGauge.Id, null, Of(Beigang)).Refusal);
    }

    [Theory]
    [InlineData("application/+/device/+/event/+", null)]
    [InlineData("zigbee2mqtt/#", null)]
    [InlineData("a/#/b", "gateway.topics[0]")]
    [InlineData("a/b+", "gateway.topics[0]")]
    [InlineData("$SYS/#", "gateway.topics[0]")]
    [InlineData("city/v1/#", "gateway.topics[0]")]
    public void A_gateways_topics_are_filters_of_foreign_formats(string topic, string? field) =>
        Assert.Equal(field is null ? [] : [field], Crediting.Decide(Registered, WaterGauge.Id, new GatewayRights { Topics = [topic] }, Administrator).Errors.Keys);

    [Fact]
    public void A_gateways_devices_are_registered_and_seen_by_the_actor()
    {
        var rights = new GatewayRights { Devices = [WaterGauge.Id, new("wl-018"), new("wl-999")] };
        Assert.Equal(["gateway.devices[2]"], Crediting.Decide(Registered, WaterGauge.Id, rights, Administrator).Errors.Keys);
        Assert.Equal(["gateway.devices[1]", "gateway.devices[2]"], Crediting.Decide(Registered, WaterGauge.Id, rights, Of(Yonghong)).Errors.Keys.Order());
    }

    [Fact]
    public void A_new_secret_replaces_the_old_one_and_keeps_rights_that_are_not_named()
    {
        var rights = new GatewayRights { Devices = [new("wl-018")] };
        var first = Crediting.Renew(null, WaterGauge.Id, "one", DeviceSecrets.MakeSalt(), rights, Now);
        var second = Crediting.Renew(first, WaterGauge.Id, "two", DeviceSecrets.MakeSalt(), null, Now);
        Assert.Equal((1, 2), (first.Version, second.Version));
        Assert.Equal((true, false, false, true), (Proves(first, "one"), Proves(first, "two"), Proves(second, "one"), Proves(second, "two")));
        Assert.Same(rights, second.Gateway);
        Assert.Null(Crediting.Renew(second, WaterGauge.Id, "three", DeviceSecrets.MakeSalt(), new GatewayRights(), Now).Gateway);
    }

    [Fact]
    public void Nothing_proves_a_withdrawn_account()
    {
        var withdrawn = Crediting.Withdraw(Crediting.Renew(null, WaterGauge.Id, "one", DeviceSecrets.MakeSalt(), null, Now), Now);
        Assert.Equal((2, false, false), (withdrawn.Version, Proves(withdrawn, "one"), Proves(withdrawn, string.Empty)));
    }

    [Fact]
    public void Secrets_differ_and_say_nothing_in_a_log()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => DeviceSecrets.Make()).ToHashSet();
        Assert.Equal(100, secrets.Count);
        Assert.All(secrets, secret => Assert.Matches("^[A-Za-z0-9_-]{32}$", secret));
        var issued = new IssuedCredential(WaterGauge.Id, "wl-017", "the-secret", 1, Now, null);
        Assert.DoesNotContain("the-secret", issued.ToString(), StringComparison.Ordinal);
    }

    private static bool Proves(BrokerAccount account, string secret) => DeviceSecrets.Verify(account, Encoding.UTF8.GetBytes(secret));
}
