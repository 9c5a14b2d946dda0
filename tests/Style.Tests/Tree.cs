namespace Style.Tests;

/// <summary>The source tree that the style tests read.</summary>
internal static class Tree
{
    /// <summary>The folder that holds CommandCenter.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
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
