using XLLM.Scheduling.Pages;

namespace XLLM.Engine.Execution;

/// <summary>
/// The system calls behind a page map (xTensor): blocks of a runner's KV pool are mapped into reserved ranges of addresses, in
/// which a sequence's blocks follow each other. A step makes by itself what it needs and does not find mapped, so that an
/// order that failed costs time and nothing else.
/// </summary>
public interface IPageRanges
{
    /// <summary>Ranges, with ids [0, Count).</summary>
    int Count { get; }

    /// <summary>Blocks a range has room for.</summary>
    int Blocks { get; }

    /// <summary>Most mappings of the system the pool may have.</summary>
    int MappingLimit { get; }

    /// <summary>What has been done so far.</summary>
    PageRangeStats Stats { get; }

    /// <summary>
    /// Carries out orders, in their order. With <paramref name="ahead"/> a thread of the runner does it, before the next step or
    /// call that needs it. May run beside a step whose sequences do not use these places.
    /// </summary>
    void Map(ReadOnlySpan<PageMapping> orders, bool ahead);
}
