namespace XLLM.Formats.Tests;

/// <summary>A file in the temporary folder, deleted at the end of the test.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile(byte[] content, string extension = ".bin")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"xllm-{Guid.NewGuid():N}{extension}");
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
