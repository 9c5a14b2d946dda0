namespace IotIngest.Hosting;

/// <summary>One data folder serves one ingest node: two would replay each other's journal, and come to an external broker under one name. The system lets go of the lock when the process
/// ends, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream file;

    private FolderLock(FileStream file) => this.file = file;

    public static FolderLock Take(string directory)
    {
        Directory.CreateDirectory(directory);
        try
        {
            return new(new FileStream(Path.Combine(directory, "ingest.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            throw IngestConfiguration.Refuse("Data:Directory", $"\"{directory}\" is in use by another ingest process");
        }
    }

    public void Dispose() => file.Dispose();
}
