using System.Collections.Immutable;

namespace IotIngest.Decoding;

// The scene description of ONVIF analytics, as onvif-mj frames or as the XML of a metadata stream: objects with class, likelihood and box. A camera sends a frame several times
// a second; of each object one event a second is enough.
internal static class OnvifFrames
{
    private const int ObjectsMax = 64;

    /// <summary>Null: the class says nothing that the vocabulary has a word for.</summary>
    public static string? TypeOf(string classes)
    {
        var first = classes.AsSpan(0, classes.AsSpan().IndexOfAny(' ', ',') is var end and >= 0 ? end : classes.Length);
        return first.ToString().ToUpperInvariant() switch
        {
            "HUMAN" or "PERSON" or "PEOPLE" or "HUMANBODY" or "FACEBODY" => "person",
            "FACE" or "HUMANFACE" => "face",
            "VEHICLE" or "VEHICAL" or "CAR" or "TRUCK" or "BUS" or "BIKE" or "BICYCLE" or "MOTORCYCLE" or "TRAIN" => "vehicle",
            "LICENSEPLATE" => "licence_plate",
            "ANIMAL" or "DOG" or "CAT" => "animal",
            "FIRE" or "SMOKE" => "fire_smoke",
            _ => null,
        };
    }

    public static void Add(in Tree.Part frame, string key, string? otherKey, in DecodeInput input, DecodedMessage into)
    {
        var time = OnvifDecoder.UtcTime(frame["UtcTime"].Text);
        var source = frame["Source"].Text;
        var count = 0;
        foreach (var member in frame.Members)
        {
            if (member.Is("Object") && count++ < ObjectsMax)
            {
                AddObject(member, frame["Transformation"], source, time, key, otherKey, input, into);
            }
        }
    }

    private static void AddObject(
        in Tree.Part seen, in Tree.Part transformation, string source, DeviceTime time, string key, string? otherKey, in DecodeInput input, DecodedMessage into)
    {
        var appearance = seen["Appearance"];
        var (name, likelihood) = ClassOf(appearance["Class"]);
        if (TypeOf(name) is not { } type)
        {
            return;
        }

        CameraEvents.TryAdd(
            new(key, type, $"{source}/{seen["ObjectId"].Text}", time, Phase.Active, Holds: true)
            {
                OtherKey = otherKey, AtMostEveryMs = 1_000, Confidence = likelihood is >= 0 and <= 1 ? likelihood : null, Box = BoxOf(appearance["Shape"]["BoundingBox"], transformation),
                Snapshot = appearance["ImageRef"].Text,
            },
            input, into);
    }

    /// <summary>The likeliest class, in the newer form with Type or the older with ClassCandidate.</summary>
    private static (string Name, double? Likelihood) ClassOf(in Tree.Part classes)
    {
        var best = (Name: string.Empty, Likelihood: (double?)null);
        foreach (var member in classes.Members)
        {
            var (name, likelihood) = member.Is("ClassCandidate") ? (member["Type"].Text, member["Likelihood"].Number) : member.Is("Type") ? (member.Text, member["Likelihood"].Number) : (string.Empty, null);
            if (name.Length > 0 && (best.Name.Length == 0 || likelihood > best.Likelihood))
            {
                best = (name, likelihood);
            }
        }

        return best;
    }

    /// <summary>The frame's own coordinates after its transformation run from -1 to 1, upwards; a box counts from the upper left corner.</summary>
    private static ImmutableArray<double> BoxOf(in Tree.Part box, in Tree.Part transformation)
    {
        if (box["left"].Number is not { } left || box["right"].Number is not { } right || box["top"].Number is not { } top || box["bottom"].Number is not { } bottom)
        {
            return [];
        }

        var (translate, scale) = (transformation["Translate"], transformation["Scale"]);
        var (scaleX, scaleY, moveX, moveY) = (scale["x"].Number ?? 1, scale["y"].Number ?? 1, translate["x"].Number ?? 0, translate["y"].Number ?? 0);
        var (x1, x2) = (ShareX((left * scaleX) + moveX), ShareX((right * scaleX) + moveX));
        var (y1, y2) = (ShareY((top * scaleY) + moveY), ShareY((bottom * scaleY) + moveY));
        return CameraEvents.Box(Math.Min(x1, x2), Math.Min(y1, y2), Math.Abs(x2 - x1), Math.Abs(y2 - y1));
    }

    private static double ShareX(double value) => Math.Clamp((value + 1) / 2, 0, 1);

    private static double ShareY(double value) => Math.Clamp((1 - value) / 2, 0, 1);
}
