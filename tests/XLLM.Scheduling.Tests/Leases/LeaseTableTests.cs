using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Scheduling.Leases;
using XLLM.Testing;

namespace XLLM.Scheduling.Tests.Leases;

public class LeaseTableTests
{
    private static readonly InstanceId Instance = InstanceId.Of("silo", "cpu0");
    private static readonly RequestId Request = new("req-1");

    private readonly ManualTime _time = new();
    private readonly LeaseTable _table;

    public LeaseTableTests()
    {
        _table = new LeaseTable(Instance, 3, TimeSpan.FromSeconds(30), _time);
    }

    [Fact]
    public void TryCommit_OfALease_WorksOnce()
    {
        KvLease lease = _table.Reserve(Request, 4);

        Assert.Equal((4, 3L, Instance, _time.GetUtcNow().AddSeconds(30)), (lease.Blocks, lease.Epoch, lease.Instance, lease.Expiry));
        Assert.True(_table.TryCommit(Request, lease));
        Assert.False(_table.TryCommit(Request, lease));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void TryCommit_OfAnotherEpochInstanceRequestOrNumber_IsRefused()
    {
        KvLease lease = _table.Reserve(Request, 1);

        Assert.False(_table.TryCommit(Request, lease with { Epoch = 2 }));
        Assert.False(_table.TryCommit(Request, lease with { Instance = InstanceId.Of("other", "cpu0") }));
        Assert.False(_table.TryCommit(new RequestId("req-2"), lease));
        Assert.False(_table.TryCommit(Request, lease with { Id = lease.Id + 1 }));
        Assert.True(_table.TryCommit(Request, lease));
    }

    [Fact]
    public void TryCommit_AtTheExpiry_IsRefused_AndExpireDropsTheLeaseOnce()
    {
        KvLease lease = _table.Reserve(Request, 1);
        _table.Reserve(new RequestId("req-2"), 1);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, _table.Expire());
        _table.Reserve(new RequestId("req-3"), 1);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(_table.TryCommit(Request, lease));
        Assert.Equal(2, _table.Expire());
        Assert.Equal(0, _table.Expire());
        Assert.Equal(1, _table.Count);
        Assert.Empty(_table.CheckIntegrity());
    }

    [Fact]
    public void Release_WithAWrongNumber_LeavesTheLease()
    {
        KvLease lease = _table.Reserve(Request, 1);

        Assert.False(_table.Release(Request, lease.Id + 1));
        Assert.True(_table.Release(Request, lease.Id));
        Assert.False(_table.Release(Request, lease.Id));
    }
}
