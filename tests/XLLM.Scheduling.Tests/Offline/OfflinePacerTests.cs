using XLLM.Scheduling.Offline;

namespace XLLM.Scheduling.Tests.Offline;

public sealed class OfflinePacerTests
{
    private const double Objective = 0.1;

    [Fact]
    public void Alone_it_doubles_until_requests_wait_or_the_bound_is_reached()
    {
        OfflinePacer pacer = new(100, Objective);
        List<int> limits = [];
        for (int i = 0; i < 6; i++)
        {
            limits.Add(pacer.Limit);
            pacer.Observe(new OfflineLoad(pacer.Limit, 0, pacer.Limit, 1));
        }

        Assert.Equal([4, 8, 16, 32, 64, 100], limits);
        pacer.Observe(new OfflineLoad(90, 10, 100, 1));
        Assert.Equal(100, pacer.Limit);
    }

    [Fact]
    public void Beside_online_requests_it_grows_by_one_and_halves_when_they_feel_it()
    {
        OfflinePacer pacer = new(100, Objective);
        pacer.Observe(new OfflineLoad(6, 0, 4, 0.05));
        Assert.Equal(5, pacer.Limit);
        pacer.Observe(new OfflineLoad(7, 0, 5, double.NaN));
        Assert.Equal(6, pacer.Limit);
        pacer.Observe(new OfflineLoad(8, 0, 6, 0.11));
        Assert.Equal(3, pacer.Limit);
        for (int i = 0; i < 5; i++)
        {
            pacer.Observe(new OfflineLoad(8, 4, 3, 0.2));
        }

        Assert.Equal(1, pacer.Limit);
    }

    [Fact]
    public void It_halves_again_only_once_the_last_halving_has_shown()
    {
        OfflinePacer pacer = new(64, Objective);
        while (pacer.Limit < 64)
        {
            pacer.Observe(new OfflineLoad(pacer.Limit, 0, pacer.Limit, 0));
        }

        for (int own = 64; own > 32; own--)
        {
            // Online requests wait: all places of the instance are taken.
            pacer.Observe(new OfflineLoad(own, 8, own, 0));
            Assert.Equal(32, pacer.Limit);
        }

        pacer.Observe(new OfflineLoad(32, 8, 32, 0));
        Assert.Equal(16, pacer.Limit);
    }

    [Fact]
    public void Requests_that_have_just_ended_are_not_taken_for_online_ones()
    {
        OfflinePacer pacer = new(64, Objective);
        int limit = pacer.Limit;
        pacer.Observe(new OfflineLoad(0, 0, limit, 1));
        limit = pacer.Limit;
        pacer.Observe(new OfflineLoad(limit, 0, limit, 1));
        limit = pacer.Limit;
        pacer.Observe(new OfflineLoad(8, 0, 5, 1));
        Assert.Equal(limit, pacer.Limit);
        for (int i = 0; i < 5; i++)
        {
            pacer.Observe(new OfflineLoad(8, 0, 5, 1));
        }

        Assert.True(pacer.Limit < limit);
    }

    [Fact]
    public void Online_requests_that_come_and_go_keep_it_from_doubling()
    {
        OfflinePacer pacer = new(1000, Objective);
        pacer.Observe(new OfflineLoad(5, 0, 4, 0));
        for (int i = 0; i < OfflinePacer.QuietLooks - 1; i++)
        {
            pacer.Observe(new OfflineLoad(pacer.Limit, 0, pacer.Limit, 0));
        }

        int before = pacer.Limit;
        Assert.Equal(5 + OfflinePacer.QuietLooks - 1, before);
        pacer.Observe(new OfflineLoad(before, 0, before, 0));
        Assert.Equal(2 * before, pacer.Limit);
    }

    [Fact]
    public void A_refusal_halves_once_and_room_that_is_not_used_is_not_made_larger()
    {
        OfflinePacer pacer = new(100, Objective);
        pacer.OnOverload();
        pacer.OnOverload();
        pacer.Observe(new OfflineLoad(4, 0, 4, 0));
        Assert.Equal(2, pacer.Limit);
        pacer.Observe(new OfflineLoad(1, 0, 1, 0));
        Assert.Equal(2, pacer.Limit);
    }

    [Fact]
    public void The_bound_may_be_one()
    {
        OfflinePacer pacer = new(1, Objective);
        pacer.Observe(new OfflineLoad(1, 0, 1, 0));
        Assert.Equal(1, pacer.Limit);
    }
}
