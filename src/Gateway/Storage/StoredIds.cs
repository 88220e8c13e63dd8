namespace XLLM.Gateway.Storage;

/// <summary>Ids of what is stored: a prefix and 128 random bits.</summary>
internal static class StoredIds
{
    public const string File = "file-";
    public const string Batch = "batch_";
    public const string BatchRequest = "batch_req_";
    private const int MaxLength = 64;

    public static string New(string prefix) => prefix + Guid.NewGuid().ToString("N");

    /// <summary>Letters, digits, '-' and '_' only, at most 64: safe as the name of a file.</summary>
    public static bool IsSafe(string id) =>
        id.Length is > 0 and <= MaxLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
