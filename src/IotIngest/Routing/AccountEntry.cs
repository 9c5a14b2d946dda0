using CommandCenter.Grains.Contracts;

namespace IotIngest.Routing;

/// <summary>A broker account as ingest needs it. Replaced whole when the registry changes.</summary>
internal sealed class AccountEntry
{
    private readonly HashSet<string> others;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> othersText;

    public AccountEntry(BrokerAccount account)
    {
        Account = account;
        Topics = account.Gateway is { Topics: { IsDefault: false } topics } ? [.. topics] : [];
        others = account.Gateway is { Devices: { IsDefault: false } devices } ? [.. devices.Select(device => device.Value)] : [];
        othersText = others.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public BrokerAccount Account { get; }
    public string Name => Account.Device.Value;
    public bool IsGateway => Account.Gateway is not null;

    /// <summary>The topic filters of a gateway.</summary>
    public string[] Topics { get; }

    /// <summary>Whether the device is the account's own, or one of its gateway's.</summary>
    public bool SpeaksFor(ReadOnlySpan<char> device) => device.SequenceEqual(Name) || (others.Count > 0 && othersText.Contains(device));

    /// <summary>The registered devices it speaks for.</summary>
    public IEnumerable<DeviceEntry> Devices(DeviceDirectory directory) =>
        others.Prepend(Name).Select(id => directory.Find(Decoding.Decoders.Canonical, id)).OfType<DeviceEntry>();

    /// <summary>Whether both allow the same.</summary>
    public bool HasRightsOf(AccountEntry? other) =>
        other is not null && (Account.Gateway is null ? other.Account.Gateway is null : Account.Gateway.Same(other.Account.Gateway));
}
