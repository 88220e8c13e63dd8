namespace Orleans.Runtime;

/// <summary>Settings of enumerations.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>Most items a call brings, >= 1; 100 when not set.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
        return self is GrainEnumerable<T> enumerable ? enumerable.WithBatchSize(maxBatchSize) : self;
    }
}
