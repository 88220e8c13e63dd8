namespace XLLM.Gateway.Files;

/// <summary>What files are for.</summary>
internal static class FilePurposes
{
    public const string Batch = "batch";
    public const string BatchOutput = "batch_output";

    /// <summary>Those a client may upload.</summary>
    public static readonly IReadOnlyList<string> Uploadable = [Batch, "user_data", "assistants", "vision", "evals"];
}
