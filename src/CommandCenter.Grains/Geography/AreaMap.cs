using System.Collections.Frozen;
using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using NetTopologySuite.Algorithm.Construct;
using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;
using NetTopologySuite.Operation.OverlayNG;

namespace CommandCenter.Grains.Geography;

/// <summary>The areas of the district and which of them holds a point. Made once at start from maps/*.geojson; immutable after.</summary>
internal sealed class AreaMap
{
    public const string DistrictFile = "district.geojson";
    public const string StreetsFile = "streets.geojson";
    public const string OverlaysFile = "overlays.geojson";

    // Only drawn, not looked up; checked all the same, because the wall shows them.
    private static readonly string[] BackdropFiles = ["neighbours.geojson", "places.geojson", "metro.geojson"];

    // Streets lie in the district, give or take how differently two sources draw the same border. The backdrop may reach over the city.
    private const double StreetMarginDeg = 0.02;
    private const double BackdropMarginDeg = 1.5;

    // Two drawings of one border overlap by more than this share. GCJ-02 taken for WGS 84 lies 500 m aside, which costs a district of 20 km some 6 % and more.
    private const double SwallowedShareMin = 0.9;
    private const double ShiftGain = 0.01;

    private readonly STRtree<Shape> streets = new();
    private readonly ImmutableArray<Shape> streetShapes;
    private readonly ImmutableArray<Shape> overlays;
    private readonly Shape district;
    private readonly FrozenDictionary<AreaId, AreaDescription> byId;
    private readonly FrozenDictionary<string, AreaId> byAnyCode;

    private AreaMap(MapFeature districtFeature, MapFile streetFile, MapFile? overlayFile)
    {
        var districtId = new AreaId(districtFeature.Code);
        District = Describe(districtFeature, AreaKind.District, null);
        district = new Shape(districtId, districtFeature.Geometry);
        streetShapes = [.. streetFile.Features.Select(feature => new Shape(new AreaId(feature.Code), feature.Geometry))];
        overlays = [.. (overlayFile?.Features ?? []).Where(feature => feature.Geometry is IPolygonal).Select(feature => new Shape(new AreaId(feature.Code), feature.Geometry))];
        foreach (var shape in streetShapes)
        {
            streets.Insert(shape.Geometry.EnvelopeInternal, shape);
        }

        streets.Build();
        var envelope = districtFeature.Geometry.EnvelopeInternal;
        Areas =
        [
            District,
            .. streetFile.Features.Select(feature => Describe(feature, AreaKind.Street, districtId)),
            .. (overlayFile?.Features ?? []).Select(feature => Describe(feature, AreaKind.Overlay, districtId)),
            // What lies outside has no place of its own; its name stands beyond the south-west corner.
            new AreaDescription(AreaId.Outside, new Label("区外", "Outside"), AreaKind.Outside, districtId, false, envelope.MinX - 0.01, envelope.MinY - 0.01),
        ];
        byId = Areas.ToFrozenDictionary(area => area.Id);
        byAnyCode = streetFile.Features.Concat(overlayFile?.Features ?? [])
            .SelectMany(feature => feature.Aliases, (feature, alias) => (Code: alias, Id: new AreaId(feature.Code)))
            .Concat(Areas.Select(area => (Code: area.Id.Value, area.Id)))
            .ToFrozenDictionary(entry => entry.Code, entry => entry.Id, StringComparer.Ordinal);
    }

    /// <summary>The district itself.</summary>
    public AreaDescription District { get; }

    /// <summary>District, streets, overlays, outside: every area with a wall.</summary>
    public ImmutableArray<AreaDescription> Areas { get; }

    /// <summary>The areas that own devices: streets and outside. Each has a street grain.</summary>
    public IEnumerable<AreaDescription> Streets => Areas.Where(area => area.Kind is AreaKind.Street or AreaKind.Outside);

    /// <summary>Reads and checks the map folder. Throws <see cref="InvalidDataException"/> that names the file, the feature and the reason.</summary>
    public static AreaMap Load(GeographyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = FindFolder(options.Directory);
        var districtFile = MapFile.Read(folder, DistrictFile, mustExist: true, areasOnly: true)!;
        var district = districtFile.Features.FirstOrDefault(feature => feature.Code == options.District)
            ?? throw new InvalidDataException($"Map file {DistrictFile} has no feature with the code {options.District}.");

        var streetFile = MapFile.Read(folder, StreetsFile, mustExist: true, areasOnly: true)!;
        var overlayFile = MapFile.Read(folder, OverlaysFile, mustExist: false, areasOnly: false);
        CheckCodes(options.District, streetFile, overlayFile);
        CheckSurroundings(streetFile, district, StreetMarginDeg);
        CheckNotShifted(streetFile, district);
        if (overlayFile is not null)
        {
            CheckSurroundings(overlayFile, district, StreetMarginDeg);
        }

        foreach (var name in BackdropFiles)
        {
            if (MapFile.Read(folder, name, mustExist: false, areasOnly: false) is { } file)
            {
                CheckSurroundings(file, district, BackdropMarginDeg);
            }
        }

        return new AreaMap(district, streetFile, overlayFile);
    }

    /// <summary>The street that holds the point (degrees, WGS 84), or <see cref="AreaId.Outside"/>. A border belongs to the street with the lower code.</summary>
    public AreaId Locate(double longitude, double latitude)
    {
        if (!double.IsFinite(longitude) || !double.IsFinite(latitude))
        {
            return AreaId.Outside;
        }

        var point = new Coordinate(longitude, latitude);
        Shape? found = null;
        foreach (var shape in streets.Query(new Envelope(point)))
        {
            if (shape.Holds(point) && (found is null || string.CompareOrdinal(shape.Id.Value, found.Id.Value) < 0))
            {
                found = shape;
            }
        }

        if (found is not null)
        {
            return found.Id;
        }

        // Between streets that were drawn apart there may be a sliver; whatever lies in the district lies in one street.
        return district.Holds(point) ? streetShapes.MinBy(shape => shape.Distance(point))!.Id : AreaId.Outside;
    }

    /// <summary>The overlays with a border of their own that hold the point.</summary>
    public ImmutableArray<AreaId> OverlaysAt(double longitude, double latitude)
    {
        if (!double.IsFinite(longitude) || !double.IsFinite(latitude))
        {
            return [];
        }

        var point = new Coordinate(longitude, latitude);
        return [.. overlays.Where(shape => shape.Holds(point)).Select(shape => shape.Id)];
    }

    /// <summary>The border of the area, degrees WGS 84; null when there is no such area or it has no border of its own.</summary>
    public Geometry? ShapeOf(AreaId id) => Find(id) is not { } area ? null
        : area.Id == district.Id ? district.Geometry
        : streetShapes.Concat(overlays).FirstOrDefault(shape => shape.Id == area.Id)?.Geometry;

    /// <summary>The streets that the geometry (longitude, latitude) touches with more than their border, and the overlays with a border of their own.</summary>
    public ImmutableArray<AreaId> Touching(Geometry geometry) =>
        [.. streetShapes.Concat(overlays).Where(shape => Overlaps(shape.Geometry, geometry)).Select(shape => shape.Id).OrderBy(id => id.Value, StringComparer.Ordinal)];

    /// <summary>The area by its code or by an alias of it; null when there is none.</summary>
    public AreaDescription? Find(AreaId id) => id.Value is not null && byAnyCode.TryGetValue(id.Value, out var canonical) ? byId[canonical] : null;

    private static AreaDescription Describe(MapFeature feature, AreaKind kind, AreaId? parent)
    {
        var label = feature.Label ?? (feature.Geometry is IPolygonal ? MaximumInscribedCircle.GetCenter(feature.Geometry, 0.0001).Coordinate : feature.Geometry.Coordinate);
        return new AreaDescription(new AreaId(feature.Code), new Label(feature.Name, feature.NameEn), kind, parent, feature.Schematic, label.X, label.Y)
        {
            Aliases = [.. feature.Aliases.Select(AreaId.From)],
        };
    }

    // A relative folder is looked for beside the program and then upwards, so that a start from the repository, a test and a published program all find it.
    private static string FindFolder(string directory)
    {
        if (Path.IsPathRooted(directory))
        {
            return directory;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, directory);
            if (File.Exists(Path.Combine(candidate, DistrictFile)))
            {
                return candidate;
            }
        }

        return Path.GetFullPath(directory);
    }

    private static void CheckCodes(string district, MapFile streetFile, MapFile? overlayFile)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal) { [district] = DistrictFile, [AreaId.Outside.Value] = "the area outside" };
        foreach (var file in overlayFile is null ? [streetFile] : new[] { streetFile, overlayFile })
        {
            foreach (var feature in file.Features)
            {
                foreach (var code in feature.Aliases.Prepend(feature.Code))
                {
                    if (code.Length != 9 || !code.All(char.IsAsciiDigit))
                    {
                        throw file.Refuse(feature, $"the code {code} must have nine digits.");
                    }

                    if (!taken.TryAdd(code, $"{file.Name}, feature {feature.Name}"))
                    {
                        throw file.Refuse(feature, $"the code {code} is taken twice, also by {taken[code]}.");
                    }
                }
            }
        }
    }

    private static void CheckSurroundings(MapFile file, MapFeature district, double marginDeg)
    {
        var near = district.Geometry.EnvelopeInternal.Copy();
        near.ExpandBy(marginDeg);
        foreach (var feature in file.Features)
        {
            var envelope = feature.Geometry.EnvelopeInternal;
            if (marginDeg <= StreetMarginDeg ? near.Contains(envelope) : near.Intersects(envelope))
            {
                continue;
            }

            var swapped = near.Intersects(new Envelope(envelope.MinY, envelope.MaxY, envelope.MinX, envelope.MaxX));
            throw file.Refuse(feature, swapped
                ? "latitude comes before longitude; GeoJSON puts longitude first."
                : FormattableString.Invariant($"it lies outside the surroundings of {district.Code} {district.Name} ({envelope.MinX}, {envelope.MinY} to {envelope.MaxX}, {envelope.MaxY})."));
        }
    }

    // Chinese map services publish GCJ-02, which looks right on its own and is 500 m aside. If shifting the streets back fits the district better, that is what it was.
    private static void CheckNotShifted(MapFile file, MapFeature district)
    {
        var asGiven = file.Features.Select(feature => feature.Geometry).ToArray();
        var given = SwallowedShare(asGiven, district.Geometry);
        var shifted = SwallowedShare(asGiven.Select(ShiftBack).ToArray(), district.Geometry);
        if (shifted > given + ShiftGain)
        {
            var worst = file.Features.MinBy(feature => SwallowedShare([feature.Geometry], district.Geometry))!;
            throw file.Refuse(worst, FormattableString.Invariant($"the streets look like GCJ-02 and must be WGS 84: only {given:P1} of them lie in {DistrictFile}, and {shifted:P1} once shifted back."));
        }

        if (given < SwallowedShareMin)
        {
            var worst = file.Features.MinBy(feature => SwallowedShare([feature.Geometry], district.Geometry))!;
            throw file.Refuse(worst, FormattableString.Invariant($"only {given:P1} of the streets lie in {DistrictFile}; both must be WGS 84 and of the same district."));
        }
    }

    private static double SwallowedShare(IReadOnlyCollection<Geometry> parts, Geometry whole)
    {
        var area = parts.Sum(part => part.Area);
        var inside = parts.Sum(part => OverlayNGRobust.Overlay(part, whole, NetTopologySuite.Operation.Overlay.SpatialFunction.Intersection).Area);
        return area > 0 ? inside / area : 0;
    }

    private static Geometry ShiftBack(Geometry geometry)
    {
        var shifted = geometry.Copy();
        foreach (var point in shifted.Coordinates)
        {
            (point.X, point.Y) = CoordinateSystems.Gcj02ToWgs84(point.X, point.Y);
        }

        shifted.GeometryChanged();
        return shifted;
    }

    private static bool Overlaps(Geometry area, Geometry geometry) =>
        area.EnvelopeInternal.Intersects(geometry.EnvelopeInternal) && area.Intersects(geometry) && !area.Touches(geometry);

    private sealed class Shape
    {
        private readonly IndexedPointInAreaLocator locator;

        public Shape(AreaId id, Geometry geometry)
        {
            (Id, Geometry) = (id, geometry);
            locator = new IndexedPointInAreaLocator(geometry);
            // The index is built by the first question; asked here, so that later ones from many threads only read it.
            locator.Locate(geometry.Coordinate);
        }

        public AreaId Id { get; }

        public Geometry Geometry { get; }

        public bool Holds(Coordinate point) => locator.Locate(point) != Location.Exterior;

        public double Distance(Coordinate point) => Geometry.Distance(Geometry.Factory.CreatePoint(point));
    }
}
