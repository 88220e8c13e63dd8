namespace Orleans.Runtime;

/// <summary>A call with the type of its result.</summary>
internal sealed class PendingCall<TResult>(MethodDescriptor method, GrainId target, TimeSpan timeout)
    : PendingCall(method, target, timeout)
{
    // Continuations of callers outside grains must not run on the thread that completes the call: it is another grain's.
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _completion.Task;

    public override void SetResult(object? result)
    {
        if (result is null or TResult)
        {
            _completion.TrySetResult((TResult)result!);
        }
        else
        {
            SetError(new InvalidCastException($"{Method} returned a {result.GetType()}, not a {typeof(TResult)}."));
        }
    }

    public override void SetError(Exception error) => _completion.TrySetException(error);
}
