using System.Runtime.CompilerServices;

namespace Orleans.Runtime;

/// <summary>The caller's side of an enumeration. Each enumerator is a run of its own.</summary>
internal sealed class GrainEnumerable<T>(
    IEnumerationExtension target, MethodDescriptor method, object?[] arguments, CancellationToken callToken, int maxBatch = 100)
    : IAsyncEnumerable<T>
{
    public GrainEnumerable<T> WithBatchSize(int size) => new(target, method, arguments, callToken, size);

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        EnumerateAsync(CancellationToken.None).GetAsyncEnumerator(cancellationToken);

    private async IAsyncEnumerable<T> EnumerateAsync([EnumeratorCancellation] CancellationToken enumeratorToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(enumeratorToken, callToken);
        var cancellationToken = source.Token;
        var id = Guid.NewGuid();
        var call = new EnumerationCall
        {
            Interface = method.Owner.Name.ToString(),
            Method = method.Id,
            Arguments = [.. arguments.Select((a, i) => i == method.TokenIndex ? null : a)],
        };
        var ended = false;
        try
        {
            var batch = await target.StartAsync(id, call, maxBatch, cancellationToken);
            while (true)
            {
                foreach (var item in batch.Items)
                {
                    yield return (T)item!;
                }

                ended = batch.IsCompleted || batch.IsMissing || batch.Error is not null;
                if (batch.Error is not null)
                {
                    throw batch.Error;
                }

                if (batch.IsMissing)
                {
                    throw new EnumerationAbortedException(
                        "Enumeration aborted: the remote target does not have a record of this enumerator. "
                        + "The grain has deactivated, or the enumerator was idle too long.");
                }

                if (batch.IsCompleted)
                {
                    yield break;
                }

                batch = await target.NextAsync(id, cancellationToken);
            }
        }
        finally
        {
            if (!ended)
            {
                // The caller has stopped early; nobody waits for the other side to know it.
                target.EndAsync(id).AsTask().Ignore();
            }
        }
    }
}
