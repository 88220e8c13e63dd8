namespace XLLM.Silo.Membership;

/// <summary>Where the membership file of a development cluster is.</summary>
public sealed class FileMembershipOptions
{
    /// <summary>Path of the file; made by the first silo. A lock file lies beside it.</summary>
    public string Path { get; set; } = "";
}
