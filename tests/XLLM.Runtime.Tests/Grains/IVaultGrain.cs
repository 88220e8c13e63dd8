namespace XLLM.Runtime.Tests.Grains;

[Alias("tests.IVaultGrain")]
public interface IVaultGrain : IGrainWithStringKey
{
    Task<string?> GetAsync();

    Task SetAsync(string value);

    Task ClearAsync();

    Task<bool> ExistsAsync();

    Task<string> ActivationAsync();

    /// <summary>Writes with an ETag that is not the stored one.</summary>
    Task WriteStaleAsync();

    Task EndAsync();
}
