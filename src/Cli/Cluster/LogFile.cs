namespace XLLM.Cli.Cluster;

/// <summary>Logs of processes.</summary>
internal static class LogFile
{
    private const int MostBytes = 1 << 20;

    /// <summary>The last lines of at most the last MiB; "" when there is no file.</summary>
    public static string Tail(string path, int lines)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(Math.Max(0, file.Length - MostBytes), SeekOrigin.Begin);
        using StreamReader reader = new(file);
        return string.Join('\n', reader.ReadToEnd().TrimEnd('\n').Split('\n').TakeLast(lines));
    }
}
