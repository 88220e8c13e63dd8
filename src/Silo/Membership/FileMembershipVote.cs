namespace XLLM.Silo.Membership;

/// <summary>A silo's vote that another is dead.</summary>
internal sealed record FileMembershipVote(string Silo, DateTime Time);
