using System.Text.Encodings.Web;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Tests;

/// <summary>Files beside the tests that what is made is compared with. With GOLDEN_WRITE=1 they are written instead, to be reviewed as code.</summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions Options = new(ContractJson.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool Writing => Environment.GetEnvironmentVariable("GOLDEN_WRITE") == "1";

    public static string Root { get; } = FindRoot();

    public static string TestFile(string name) => Path.Combine(Root, "tests", "CommandCenter.Grains.Tests", name.Replace('/', Path.DirectorySeparatorChar));

    public static void Check<T>(string name, T made) => CheckText(TestFile(name), JsonSerializer.Serialize(made, Options) + "\n");

    public static void CheckText(string path, string made)
    {
        if (Writing)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, made);
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), made.ReplaceLineEndings("\n"));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("CommandCenter.sln was not found above the test.");
    }
}
