using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>Asynchronous enumerations of grain methods: drawn by the caller, a batch of ready items a call.</summary>
internal interface IEnumerationExtension : IGrainExtension
{
    [AlwaysInterleave]
    ValueTask<EnumerationBatch> StartAsync(Guid id, EnumerationCall call, int maxBatch, CancellationToken cancellationToken);

    [AlwaysInterleave]
    ValueTask<EnumerationBatch> NextAsync(Guid id, CancellationToken cancellationToken);

    [AlwaysInterleave]
    ValueTask EndAsync(Guid id);
}
