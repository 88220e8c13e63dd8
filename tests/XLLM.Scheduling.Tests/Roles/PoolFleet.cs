using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Roles;
using XLLM.Scheduling.Tests.Fleet;

namespace XLLM.Scheduling.Tests.Roles;

/// <summary>A fleet whose loads a test writes down, in simulated time.</summary>
internal sealed class PoolFleet(RolePoolOptions? options = null)
{
    public const double Tpot = 0.1;

    private static readonly LatencyProfile Profile = new()
    {
        Prefill = [.. Enumerable.Range(1, 20).Select(i => new PrefillSample(i * 200, 0, 0.01 + (i * 0.02)))],
        Decode =
        [
            .. from batch in new[] { 1, 4, 16 } from length in new[] { 64, 512, 2048 }
               select new DecodeSample((long)batch * length, batch, 0.01 + (1e-4 * batch) + (1e-6 * batch * length)),
        ],
    };

    private readonly SortedDictionary<string, InstanceStatus> _instances = new(StringComparer.Ordinal);
    private readonly LatencyPredictors _predictors = new();

    public RolePools Pools { get; } = new(options ?? new RolePoolOptions());

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch;

    public InstanceView[] Views => [.. _instances.Values.Select(s => new InstanceView(s, default, _predictors.Of(s)))];

    public static PoolFleet Of(int size, RolePoolOptions? options = null)
    {
        PoolFleet fleet = new(options);
        for (int i = 0; i < size; i++)
        {
            fleet.Load($"i{i}");
        }

        fleet.Update();
        return fleet;
    }

    public static InstanceDescriptor Descriptor(string name, InstanceRole role = InstanceRole.Mixed, long epoch = 1) =>
        Instances.Descriptor(name, epoch) with { TotalBlocks = 10_000, Profile = Profile, Role = role };

    public void Load(
        string name, int prefills = 0, long prompt = 0, int decodes = 0, long tokens = 0, double interval = double.NaN,
        InstanceRole role = InstanceRole.Mixed, long epoch = 1) =>
        _instances[name] = new InstanceStatus
        {
            Descriptor = Descriptor(name, role, epoch),
            Health = InstanceHealth.Ready,
            Load = Instances.Report(name, 1, epoch) with
            {
                Waiting = prefills, PendingPrefillTokens = prompt, Running = decodes, RunningTokens = tokens, TokenSeconds = interval,
            },
        };

    public void Remove(string name) => _instances.Remove(name);

    public void Wait(double seconds) => Now = Now.AddSeconds(seconds);

    public void Update() => Pools.Update(Views, Tpot, Now);

    public InstancePool? PoolOf(string name) => Pools.Of(Instances.Id(name));

    public string? ToPrefill() => Pools.MoveToPrefill(Views, Now)?.Id.SiloName;

    public string? ToDecode() => Pools.MoveToDecode(Views, PoolRules.DecodeShort, Now)?.Id.SiloName;
}
