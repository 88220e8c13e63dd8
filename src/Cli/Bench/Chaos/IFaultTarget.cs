namespace XLLM.Cli.Bench.Chaos;

/// <summary>A running cluster that can be hurt.</summary>
internal interface IFaultTarget
{
    /// <summary>Engines, by number from 0.</summary>
    int Engines { get; }

    /// <summary>Where the gateways listen.</summary>
    IReadOnlyList<Uri> Gateways { get; }

    /// <summary>Why this kind of fault cannot be made here; null = it can.</summary>
    string? WhyNot(FaultKind kind);

    /// <summary>Makes the fault; completes when it is over, as far as it lasts. Throws when it could not be made.</summary>
    Task StrikeAsync(Fault fault, CancellationToken cancellationToken);

    /// <summary>Waits until everything that was hurt serves again. Throws <see cref="TimeoutException"/> when it does not.</summary>
    Task WhenWholeAsync(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Faults in the bookkeeping of any process, when nothing runs; empty = sound.</summary>
    Task<IReadOnlyList<string>> CheckIntegrityAsync(CancellationToken cancellationToken);
}
