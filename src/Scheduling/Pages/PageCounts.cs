namespace XLLM.Scheduling.Pages;

/// <summary>How a page map stands and what it has done so far.</summary>
public readonly record struct PageCounts
{
    public required int Free { get; init; }

    public required int Allocated { get; init; }

    public required int Mapped { get; init; }

    public required int Reusable { get; init; }

    /// <summary>Mappings ordered: one system call each.</summary>
    public required long Maps { get; init; }

    /// <summary>Ranges emptied under pressure: one system call each.</summary>
    public required long Unmaps { get; init; }

    /// <summary>Pages that a sequence got where they were mapped already.</summary>
    public required long Reuses { get; init; }

    /// <summary>Pages put into a range.</summary>
    public required long Placed { get; init; }

    /// <summary>Pages a step needed that had been mapped during the step before.</summary>
    public required long AheadHits { get; init; }

    /// <summary>Sequences that use their block list, because the system gives no more mappings or no range was left.</summary>
    public required long Fallbacks { get; init; }
}
