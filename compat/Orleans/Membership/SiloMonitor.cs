using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>
/// Probes one silo, once per probe timeout. After so many missed probes in a row it votes that the silo is dead, and again with each
/// further miss.
/// </summary>
internal sealed class SiloMonitor : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SiloNode _silo;
    private readonly SiloAddress _target;
    private readonly ClusterMembershipOptions _options;

    public SiloMonitor(SiloNode silo, SiloAddress target, ClusterMembershipOptions options)
    {
        _silo = silo;
        _target = target;
        _options = options;
        Task.Run(RunAsync).Ignore();
    }

    public void Dispose() => _stop.Cancel();

    private async Task RunAsync()
    {
        var missed = 0;
        var period = _options.ProbeTimeout;
        while (!_silo.IsDetached)
        {
            var started = Environment.TickCount64;
            var answered = await ProbeAsync();
            var took = TimeSpan.FromMilliseconds(Environment.TickCount64 - started);
            if (answered)
            {
                missed = 0;
            }
            else if (took > 2 * period && _options.ExtendProbeTimeoutDuringDegradation)
            {
                // This silo stood still, not the other: its own place in the table is what is in doubt.
                _silo.Logger.LogWarning("A probe of silo {Silo} took {Took} instead of {Period}: this process was held up", _target, took,
                    period);
                missed = 0;
                await RefreshAsync();
            }
            else if (++missed >= _options.NumMissedProbesLimit)
            {
                _silo.Logger.LogWarning("Silo {Silo} has missed {Missed} probes; this silo votes that it is dead", _target, missed);
                await _silo.Membership.TrySuspectAsync(_target);
            }

            var rest = period - TimeSpan.FromMilliseconds(Environment.TickCount64 - started);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, _stop.Token);
        }
    }

    private async Task<bool> ProbeAsync()
    {
        try
        {
            await _silo.ControlOf(_target).PingAsync().WaitAsync(_options.ProbeTimeout, _stop.Token);
            return true;
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            _silo.Logger.LogInformation("Silo {Silo} did not answer a probe: {Reason}", _target, e.Message);
            return false;
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            await _silo.Membership.Refresh();
        }
        catch (Exception e)
        {
            _silo.Logger.LogDebug(e, "The membership table could not be read");
        }
    }
}
