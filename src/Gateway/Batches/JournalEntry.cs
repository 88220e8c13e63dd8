namespace XLLM.Gateway.Batches;

/// <summary>Where the result of a request is.</summary>
/// <param name="Journal">Number of its journal.</param>
/// <param name="Offset">Of its JSON in the journal.</param>
/// <param name="Length">Bytes of its JSON; 0 = there is no result.</param>
/// <param name="Succeeded">It was answered with success.</param>
internal readonly record struct JournalEntry(int Journal, long Offset, int Length, bool Succeeded)
{
    public bool IsThere => Length > 0;
}
