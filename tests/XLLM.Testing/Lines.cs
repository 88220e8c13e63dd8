namespace XLLM.Testing;

/// <summary>Lines of a child process, on a thread of their own.</summary>
public static class Lines
{
    /// <summary>
    /// Calls back with each line, and with null at the end. Process.BeginOutputReadLine would hold a thread of the pool for each pipe
    /// that is silent; on a machine of two cores that is all there are, and silos of the test's process would stand still.
    /// </summary>
    public static void Read(StreamReader reader, Action<string?> onLine)
    {
        Thread thread = new(() =>
        {
            try
            {
                string? line;
                do
                {
                    line = reader.ReadLine();
                    onLine(line);
                }
                while (line is not null);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                onLine(null);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
    }
}
