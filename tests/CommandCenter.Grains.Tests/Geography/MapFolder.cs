using System.Text.Json.Nodes;

namespace CommandCenter.Grains.Tests.Geography;

/// <summary>A copy of the shipped maps that a test may damage.</summary>
internal sealed class MapFolder : IDisposable
{
    public MapFolder()
    {
        Path = Directory.CreateTempSubdirectory("maps-").FullName;
        foreach (var file in Directory.EnumerateFiles(Shipped, "*.geojson"))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }
    }

    /// <summary>The folder maps/ of the repository.</summary>
    public static string Shipped { get; } = System.IO.Path.Combine(Repository(), "maps");

    /// <summary>The shared folder beside the repository; null where it is absent.</summary>
    public static string? Shared
    {
        get
        {
            var folder = System.IO.Path.Combine(Repository(), "..", "shared");
            return Directory.Exists(folder) ? folder : null;
        }
    }

    public string Path { get; }

    public void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);

    public void Delete(string name) => File.Delete(System.IO.Path.Combine(Path, name));

    /// <summary>Changes the features of a file.</summary>
    public void Change(string name, Action<JsonArray> change)
    {
        var path = System.IO.Path.Combine(Path, name);
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        change(root["features"]!.AsArray());
        File.WriteAllText(path, root.ToJsonString());
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("CommandCenter.sln was not found above the test.");
    }
}
