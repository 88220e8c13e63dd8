namespace Orleans.Runtime;

/// <summary>A value and its successors: each reader sees the current one, then every newer one.</summary>
internal sealed class Broadcast<T>(T first)
{
    private volatile Node _newest = new(first);

    /// <summary>One publisher at a time.</summary>
    public void Publish(T value)
    {
        var previous = _newest;
        _newest = new Node(value);
        previous.Next.SetResult(_newest);
    }

    public async IAsyncEnumerable<T> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var node = _newest;
        while (true)
        {
            yield return node.Value;
            node = await node.Next.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Node(T value)
    {
        public T Value => value;

        public TaskCompletionSource<Node> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
