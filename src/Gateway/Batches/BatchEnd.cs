using XLLM.Gateway.Files;

namespace XLLM.Gateway.Batches;

/// <summary>How a batch ended, with the files it leaves.</summary>
/// <param name="Status">completed, expired or cancelled.</param>
/// <param name="Output">Results of lines that were answered; null = there are none.</param>
/// <param name="Errors">Lines that were not; null = there are none.</param>
/// <param name="Completed">Lines answered with success.</param>
/// <param name="Failed">Lines answered with an error.</param>
internal sealed record BatchEnd(string Status, StoredFile? Output, StoredFile? Errors, int Completed, int Failed);
