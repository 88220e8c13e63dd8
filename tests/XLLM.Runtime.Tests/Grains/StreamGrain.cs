using System.Runtime.CompilerServices;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests.Grains;

public sealed class StreamGrain : Grain, IStreamGrain
{
    public async IAsyncEnumerable<int> CountAsync(int to)
    {
        for (var i = 0; i < to; i++)
        {
            if (i % 7 == 0)
            {
                await Task.Yield();
            }

            yield return i;
        }
    }

    public async IAsyncEnumerable<int> FailAfterAsync(int items)
    {
        for (var i = 0; i < items; i++)
        {
            yield return i;
        }

        await Task.Yield();
        throw new CustomException("the stream broke", items);
    }

    public async IAsyncEnumerable<int> WaitAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return 1;
        try
        {
            await Facts.WaitAsync($"{this.GetPrimaryKeyString()} go on").WaitAsync(cancellationToken);
        }
        finally
        {
            Facts.Set($"{this.GetPrimaryKeyString()} stopped");
        }

        yield return 2;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Facts.Set($"{this.GetPrimaryKeyString()} deactivated", reason.ReasonCode);
        return Task.CompletedTask;
    }
}
