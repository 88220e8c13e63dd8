using System.Text.Json;

namespace XLLM.Cli.Chat.Editing;

/// <summary>
/// What was typed, oldest first, in a file that only its owner may read: a JSON string a line, so that messages of several lines are one
/// entry. A file that cannot be read or written costs the history and nothing else.
/// </summary>
internal sealed class EditHistory
{
    private const int MaxEntries = 1000;
    private const int MaxFileBytes = 16 << 20;

    private readonly string? _path;
    private readonly List<string> _entries = [];

    /// <param name="path">The file; null = only in memory.</param>
    public EditHistory(string? path)
    {
        _path = path;
        if (path is not null)
        {
            Read(path);
        }
    }

    public IReadOnlyList<string> Entries => _entries;

    /// <summary><c>chat-history</c> in XDG_STATE_HOME/xllm, or ~/.local/state/xllm.</summary>
    public static string DefaultPath()
    {
        string state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(state, "xllm", "chat-history");
    }

    /// <summary>Adds an entry, unless it is the last one again.</summary>
    public void Add(string text)
    {
        if (text.Trim().Length == 0 || (_entries.Count > 0 && _entries[^1] == text))
        {
            return;
        }

        _entries.Add(text);
        if (_entries.Count > MaxEntries)
        {
            _entries.RemoveRange(0, _entries.Count - MaxEntries);
        }

        if (_path is not null)
        {
            Write(_path);
        }
    }

    private void Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= MaxFileBytes })
            {
                return;
            }

            foreach (string line in File.ReadLines(path))
            {
                if (JsonSerializer.Deserialize<string>(line) is { Length: > 0 } entry)
                {
                    _entries.Add(entry);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // What was read so far will do.
        }

        _entries.RemoveRange(0, Math.Max(0, _entries.Count - MaxEntries));
    }

    private void Write(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            string next = path + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (StreamWriter file = new(next, options))
            {
                foreach (string entry in _entries)
                {
                    file.WriteLine(JsonSerializer.Serialize(entry));
                }
            }

            File.Move(next, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A history that cannot be kept must not end a chat.
        }
    }
}
