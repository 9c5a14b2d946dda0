using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Tests.Geography;

namespace CommandCenter.Grains.Tests.Registry;

/// <summary>Documents and actors that the registry tests begin from.</summary>
internal static class Documents
{
    public static readonly AreaMap Map = AreaMap.Load(new GeographyOptions { Directory = MapFolder.Shipped });

    public static readonly Actor Administrator = new() { Id = "u-1", Name = "管理员", Kind = ActorKind.User, Roles = [Role.System], SeesWholeDistrict = true };

    public static readonly AreaId Yonghong = new("320404002");

    public static readonly AreaId Beigang = new("320404003");

    /// <summary>The device of contract.md.</summary>
    public static DeviceRegistration WaterGauge { get; } = new()
    {
        Id = new DeviceId("wl-017"),
        Name = "龙江路下穿 积水1",
        Kind = "water_level",
        Street = Yonghong,
        Longitude = 119.934,
        Latitude = 31.766,
        IntervalSeconds = 60,
        Tags = ["underpass"],
        Quantities = [new DeviceQuantity { Name = new QuantityId("water_depth"), Unit = "mm", From = "distance_cm", FromUnit = "cm", Min = 0, Max = 5000 }],
        Source = new DeviceSource("chirpstack", "0101010101010101"),
    };

    public static Actor Of(params AreaId[] areas) => Administrator with { SeesWholeDistrict = false, Areas = [.. areas] };
}
