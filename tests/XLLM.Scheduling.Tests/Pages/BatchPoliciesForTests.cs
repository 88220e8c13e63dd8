using XLLM.Scheduling.Batching;

namespace XLLM.Scheduling.Tests.Pages;

internal static class BatchPoliciesForTests
{
    public static IBatchPolicy DecodeFirst { get; } = BatchPolicies.Find("decode-first")!;
}
