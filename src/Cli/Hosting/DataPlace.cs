namespace XLLM.Cli.Hosting;

/// <summary>Where <c>xllm serve</c> keeps files, batches and responses when nobody says where.</summary>
internal static class DataPlace
{
    /// <summary>Value that says: nothing is kept.</summary>
    public const string None = "none";

    /// <summary>
    /// <paramref name="chosen"/>, or what the configuration says, or a folder of the user's for the port, so that two servers do
    /// not work on each other's batches. Null = nothing is kept: said so, a free port, or no such folder can be made.
    /// </summary>
    public static string? Of(string? chosen, string? configured, int port)
    {
        string? folder = chosen ?? configured;
        if (folder is not null || port == 0)
        {
            return folder == None ? null : folder;
        }

        string data = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        folder = Path.Combine(data, "xllm", "serve-" + port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"xllm: files, batches and responses are not kept: {e.Message} Give a folder with --data.");
            return null;
        }
    }
}
