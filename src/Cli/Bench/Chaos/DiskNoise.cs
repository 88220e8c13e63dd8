using System.Diagnostics;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>Makes a file system slow for everybody: writes through to the disk without a pause.</summary>
internal static class DiskNoise
{
    private const int Chunk = 4 << 20;
    private const long FileBytes = 256L << 20;

    /// <summary>Writes for so long to a file that is deleted afterwards.</summary>
    public static async Task MakeAsync(string path, TimeSpan duration, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[Chunk];
        new Random(1).NextBytes(bytes);
        FileStreamOptions options = new()
        {
            Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.WriteThrough | FileOptions.DeleteOnClose, BufferSize = 0,
        };
        long started = Stopwatch.GetTimestamp();
        await using FileStream file = new($"{path}.{Guid.NewGuid():N}", options);
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            file.Position = file.Position >= FileBytes ? 0 : file.Position;
            await file.WriteAsync(bytes, cancellationToken);
        }
    }
}
