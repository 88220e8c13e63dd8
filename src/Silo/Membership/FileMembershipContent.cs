namespace XLLM.Silo.Membership;

/// <summary>The membership file.</summary>
internal sealed class FileMembershipContent
{
    public string ClusterId { get; set; } = "";

    /// <summary>Grows with every change of a row but its time of life.</summary>
    public int Version { get; set; }

    public List<FileMembershipRow> Silos { get; set; } = [];
}
