using System.Reflection;
using Orleans;
using XLLM.Contracts.Requests;
using XLLM.Testing;

namespace XLLM.Architecture.Tests;

public sealed class ContractLockTests
{
    private static readonly Assembly Contracts = typeof(InferenceRequest).Assembly;

    [Fact]
    public void What_travels_between_silos_is_what_the_lock_file_says()
    {
        string path = Path.Combine(SharedData.Repository, "src", "Contracts", "Contracts.lock.txt");
        string now = ContractLock.Describe(Contracts);
        if (Environment.GetEnvironmentVariable("XLLM_UPDATE_LOCK") == "1")
        {
            File.WriteAllText(path, now);
        }

        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == now,
            "src/Contracts differs from Contracts.lock.txt. If the change is meant, run this test with XLLM_UPDATE_LOCK=1 and commit "
            + "the file: its diff is what a mixed cluster will see.");
    }

    [Fact]
    public void Everything_that_travels_has_an_alias_so_that_it_can_be_renamed()
    {
        Assert.Empty(
            from type in Contracts.GetExportedTypes()
            where !type.IsEnum && type.GetCustomAttribute<GenerateSerializerAttribute>() is not null
                && type.GetCustomAttribute<AliasAttribute>() is null
            select type.FullName);
    }
}
