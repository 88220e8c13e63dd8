using System.Diagnostics;
using System.Globalization;
using XLLM.Cli.Bench.Limits;
using XLLM.Cli.Bench.Reports;
using XLLM.Cli.Terminal;
using XLLM.Engine.Execution;

namespace XLLM.Cli.Bench.Points;

/// <summary>
/// Measures all points on all sides: point by point, in rounds of one measurement of each side, so that what else the machine does
/// meets all alike. A peer whose time at a point is over has no further rounds there, but one.
/// On a virtual machine a round in which the host took more than 2 % of the cores' time is repeated, twice as many rounds at most;
/// those with the least count.
/// </summary>
internal sealed class Comparison(
    IBenchSide ours, IReadOnlyList<IBenchSide> peers, ModelCost cost, LimitProbe probe, ProgressLine progress, int rounds, TimeSpan peerTime)
{
    private const double MostStolen = 0.02;

    private readonly List<string> _notes = [];

    /// <summary>What sides chose and why numbers are missing.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public async Task<IReadOnlyList<PointResult>> RunAsync(IReadOnlyList<BenchPoint> points, CancellationToken cancellationToken)
    {
        List<(BenchPoint Point, Samples Ours, Dictionary<string, Samples?> Peers)> measured = [];
        foreach (BenchPoint point in points)
        {
            probe.Probe();
            (Samples own, Dictionary<string, Samples?> others) = await MeasureAsync(point, cancellationToken);
            measured.Add((point, own, others));
        }

        probe.Probe();
        MachineLimits limits = probe.Median;
        return [.. measured.Select(m => new PointResult(m.Point, m.Ours, m.Peers, LimitModel.TokensPerSecond(m.Point, cost, limits)))];
    }

    private async Task<(Samples Ours, Dictionary<string, Samples?> Peers)> MeasureAsync(BenchPoint point, CancellationToken cancellationToken)
    {
        List<IBenchSide> running = [.. peers.Where(p => p.CanMeasure(point))];
        Samples own = new();
        Dictionary<string, Samples?> others = peers.ToDictionary(p => p.Name, p => running.Contains(p) ? new Samples() : null);
        Dictionary<IBenchSide, TimeSpan> spent = running.ToDictionary(p => p, _ => TimeSpan.Zero);
        progress.Report($"{point}", 0, rounds + 1);
        await ours.PrepareAsync(point, cancellationToken);
        foreach (IBenchSide peer in running.ToArray())
        {
            await TimedAsync(peer, point, running, spent, async cancel =>
            {
                string note = await peer.PrepareAsync(point, cancel);
                if (note.Length > 0)
                {
                    _notes.Add($"{point}: {peer.Name} runs with {note}");
                }
            }, cancellationToken);
        }

        List<Round> all = [];
        while (all.Count < 2 * rounds && all.Count(r => r.Stolen <= MostStolen) < rounds)
        {
            progress.Report($"{point}", Math.Min(all.Count, rounds - 1) + 1, rounds + 1);
            all.Add(await RoundAsync(point, all.Count == 0, running, spent, cancellationToken));
        }

        foreach (Round round in all.OrderBy(r => r.Stolen).Take(rounds))
        {
            own.Add(round.Ours);
            foreach ((string name, double rate) in round.Peers)
            {
                others[name]!.Add(rate);
            }
        }

        double stolen = Samples.MedianOf(all.OrderBy(r => r.Stolen).Take(rounds).Select(r => r.Stolen));
        if (stolen > MostStolen)
        {
            _notes.Add(string.Create(CultureInfo.InvariantCulture, $"{point}: the host took {stolen:0 %} of the cores' time: rates are too low, ratios uncertain"));
        }

        progress.Report($"{point}", rounds + 1, rounds + 1);
        return (own, others);
    }

    private async Task<Round> RoundAsync(
        BenchPoint point, bool first, List<IBenchSide> running, Dictionary<IBenchSide, TimeSpan> spent, CancellationToken cancellationToken)
    {
        StolenTime before = StolenTime.Now();
        Dictionary<string, double> rates = [];
        double own = await ours.MeasureAsync(point, cancellationToken);
        foreach (IBenchSide peer in running.Where(p => first || spent[p] < peerTime).ToArray())
        {
            await TimedAsync(
                peer, point, running, spent, async cancel => rates[peer.Name] = await peer.MeasureAsync(point, cancel), cancellationToken);
        }

        return new Round(StolenTime.Now().ShareSince(before), own, rates);
    }

    // Takes the peer out of the point when its time is over.
    private async Task TimedAsync(
        IBenchSide peer, BenchPoint point, List<IBenchSide> running, Dictionary<IBenchSide, TimeSpan> spent, Func<CancellationToken, Task> work,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(peerTime);
        try
        {
            await work(limited.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _notes.Add(string.Create(CultureInfo.InvariantCulture, $"{point}: {peer.Name} did not end within {peerTime.TotalSeconds:0} s"));
            running.Remove(peer);
            return;
        }
        catch (PeerException e)
        {
            _notes.Add($"{point}: {peer.Name} failed: {e.Message}");
            running.Remove(peer);
            return;
        }

        spent[peer] += Stopwatch.GetElapsedTime(started);
    }
}
