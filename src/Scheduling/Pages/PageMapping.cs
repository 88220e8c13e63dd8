namespace XLLM.Scheduling.Pages;

/// <summary>
/// Pages <c>Page</c> .. <c>Page + Count - 1</c> at the places <c>Index</c> .. <c>Index + Count - 1</c> of a range;
/// <c>Page</c> = -1 unmaps these places. One system call. Laid out as xllm_kv_mapping.
/// </summary>
public readonly record struct PageMapping(int Range, int Index, int Page, int Count)
{
    /// <summary>Value of <c>Page</c> that unmaps.</summary>
    public const int Unmap = -1;
}
