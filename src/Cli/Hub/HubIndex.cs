using System.Text.Json;

namespace XLLM.Cli.Hub;

/// <summary>The files of a repository at one commit.</summary>
public sealed record HubIndex(string Commit, IReadOnlyList<HubFile> Files)
{
    private const int MaxFiles = 20_000;

    /// <summary>Reads the answer of <c>/api/models/REPO/revision/REV?blobs=true</c>. Names and hashes are checked: they become paths.</summary>
    public static HubIndex Parse(JsonDocument answer)
    {
        JsonElement root = answer.RootElement;
        string commit = root.GetProperty("sha").GetString() ?? "";
        RequireHex(commit, 40, "commit");
        List<HubFile> files = [];
        foreach (JsonElement sibling in root.GetProperty("siblings").EnumerateArray())
        {
            if (files.Count == MaxFiles)
            {
                throw new HubException($"The repository lists more than {MaxFiles} files.");
            }

            string name = sibling.GetProperty("rfilename").GetString() ?? "";
            if (!IsPlainPath(name))
            {
                throw new HubException($"The hub lists a file with an unsafe name: '{name}'.");
            }

            bool large = sibling.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object;
            string hash = (large ? lfs.GetProperty("sha256") : sibling.GetProperty("blobId")).GetString() ?? "";
            RequireHex(hash, large ? 64 : 40, name);
            long size = (large ? lfs.GetProperty("size") : sibling.GetProperty("size")).GetInt64();
            if (size < 0)
            {
                throw new HubException($"The hub says {name} has {size} bytes.");
            }

            files.Add(new HubFile(name, size, hash, large));
        }

        return new HubIndex(commit, files);
    }

    private static bool IsPlainPath(string name) =>
        name.Length is > 0 and < 512
        && !name.Contains('\\')
        && !name.Contains('\0')
        && !Path.IsPathRooted(name)
        && name.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));

    private static void RequireHex(string text, int digits, string what)
    {
        if (text.Length != digits || !text.All(char.IsAsciiHexDigitLower))
        {
            throw new HubException($"The hub gave no proper hash for {what}: '{text}'.");
        }
    }
}
