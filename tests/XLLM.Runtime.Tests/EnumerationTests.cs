using Orleans.Runtime;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class EnumerationTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    private IStreamGrain Grain => fixture.Client.GetGrain<IStreamGrain>(_key);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task All_items_come_in_order_whatever_the_batch(int batch)
    {
        var items = new List<int>();
        await foreach (var item in Grain.CountAsync(250).WithBatchSize(batch))
        {
            items.Add(item);
        }

        Assert.Equal(Enumerable.Range(0, 250), items);
    }

    [Fact]
    public async Task An_error_comes_after_the_items_before_it()
    {
        var items = new List<int>();
        var e = await Assert.ThrowsAsync<CustomException>(async () =>
        {
            await foreach (var item in Grain.FailAfterAsync(5))
            {
                items.Add(item);
            }
        });

        Assert.Equal(5, e.Code);
        Assert.Equal(Enumerable.Range(0, 5), items);
    }

    [Fact]
    public async Task The_end_of_the_activation_aborts_the_enumeration()
    {
        await using var items = Grain.CountAsync(1000).WithBatchSize(1).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());

        await Grain.EndAsync();
        await Facts.WaitAsync($"{_key} deactivated");

        await Assert.ThrowsAsync<EnumerationAbortedException>(async () =>
        {
            while (await items.MoveNextAsync())
            {
            }
        });
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_method()
    {
        using var source = new CancellationTokenSource();
        var read = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in Grain.WaitAsync().WithCancellation(source.Token))
            {
                read += item;
                await source.CancelAsync();
            }
        });

        Assert.Equal(1, read);
        await Facts.WaitAsync($"{_key} stopped");
    }
}
