using Orleans.Runtime;

namespace XLLM.Silo.Membership;

/// <summary>A silo in the membership file.</summary>
internal sealed class FileMembershipRow
{
    /// <summary><c>ip:port@generation</c>.</summary>
    public string Address { get; set; } = "";

    public string SiloName { get; set; } = "";

    public string HostName { get; set; } = "";

    public SiloStatus Status { get; set; }

    public int ProxyPort { get; set; }

    public List<FileMembershipVote>? Votes { get; set; }

    public DateTime StartTime { get; set; }

    public DateTime IAmAliveTime { get; set; }

    public static FileMembershipRow Of(MembershipEntry entry) => new()
    {
        Address = entry.SiloAddress.ToParsableString(),
        SiloName = entry.SiloName ?? "",
        HostName = entry.HostName ?? "",
        Status = entry.Status,
        ProxyPort = entry.ProxyPort,
        Votes = entry.SuspectTimes?.ConvertAll(x => new FileMembershipVote(x.Item1.ToParsableString(), x.Item2)),
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };

    public bool Is(SiloAddress silo) => Address == silo.ToParsableString();

    public MembershipEntry ToEntry() => new()
    {
        SiloAddress = SiloAddress.FromParsableString(Address),
        SiloName = SiloName,
        HostName = HostName,
        Status = Status,
        ProxyPort = ProxyPort,
        SuspectTimes = Votes?.ConvertAll(x => Tuple.Create(SiloAddress.FromParsableString(x.Silo), x.Time)),
        StartTime = StartTime,
        IAmAliveTime = IAmAliveTime,
    };
}
