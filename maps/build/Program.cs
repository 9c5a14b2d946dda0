// Builds maps/*.geojson (WGS 84) from the open-licence files of a source folder laid out as maps/README.md tells.
// The same sources give the same bytes, so that the result can be checked in and compared.
using MapBuilder;

if (args.Length is not (1 or 2))
{
    Console.Error.WriteLine("usage: dotnet run --project maps/build -- SOURCE_FOLDER [OUTPUT_FOLDER]");
    return 2;
}

var output = args.Length == 2 ? args[1] : Maps.FindOutputFolder();
try
{
    foreach (var line in Maps.Build(args[0], output))
    {
        Console.WriteLine(line);
    }

    return 0;
}
catch (Exception problem) when (problem is IOException or InvalidDataException or System.Text.Json.JsonException)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}
