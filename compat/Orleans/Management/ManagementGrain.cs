using Orleans.GrainDirectory;

namespace Orleans.Runtime;

[GrainType("sys.management")]
internal sealed class ManagementGrain(SiloNode silo, ISiloStatusOracle oracle, IGrainDirectory directory)
    : Grain, IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false) =>
        Task.FromResult(oracle.GetApproximateSiloStatuses(onlyActive));

    // Not this grain, which is busy with the request.
    public Task ForceActivationCollection(TimeSpan ageLimit) =>
        Task.WhenAll(oracle.GetActiveSilos().Select(s => silo.ControlOf(s).CollectAsync(ageLimit)));

    public async Task<int> GetTotalActivationCount() => (await AllAsync(null)).Count;

    public async Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() =>
    [
        .. (await AllAsync(null)).GroupBy(a => (a.Silo, Type: NameOf(a.Grain)))
            .Select(g => new SimpleGrainStatistic { SiloAddress = g.Key.Silo, GrainType = g.Key.Type,
                ActivationCount = g.Count() }),
    ];

    public async Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null,
        SiloAddress[]? hostsIds = null) =>
    [
        .. (await AllAsync(hostsIds))
            .Select(a => new DetailedGrainStatistic { SiloAddress = a.Silo, GrainId = a.Grain, GrainType = NameOf(a.Grain) })
            .Where(s => types is null || types.Contains(s.GrainType)),
    ];

    public async ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference) =>
        (await directory.Lookup(reference.GetGrainId()))?.SiloAddress;

    public async ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        [.. (await AllAsync(null)).Select(a => a.Grain).Where(g => g.Type == type).Distinct()];

    private string NameOf(GrainId id) => silo.Classes.Find(id.Type)?.Type.FullName ?? id.Type.ToString();

    private async Task<List<(SiloAddress Silo, GrainId Grain)>> AllAsync(SiloAddress[]? silos)
    {
        var parts = await Task.WhenAll((silos ?? oracle.GetActiveSilos()).Select(async s =>
            (await silo.ControlOf(s).GetActivationsAsync()).Select(g => (s, g))));
        return [.. parts.SelectMany(p => p)];
    }
}
