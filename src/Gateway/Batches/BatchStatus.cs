namespace XLLM.Gateway.Batches;

/// <summary>States of a batch, in OpenAI's words.</summary>
internal static class BatchStatus
{
    public const string Validating = "validating";
    public const string InProgress = "in_progress";
    public const string Finalizing = "finalizing";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Expired = "expired";
    public const string Cancelling = "cancelling";
    public const string Cancelled = "cancelled";

    public static readonly IReadOnlyList<string> All =
        [Validating, InProgress, Finalizing, Completed, Failed, Expired, Cancelling, Cancelled];

    /// <summary>There is work left to do for it.</summary>
    public static bool IsOpen(string status) => status is Validating or InProgress or Finalizing or Cancelling;
}
