namespace XLLM.Cli.Models;

/// <summary>A model on this machine's disks.</summary>
/// <param name="Name">As <c>--model</c> takes it.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Changed">Newest of its files.</param>
/// <param name="Source">bundled, hub or folder.</param>
/// <param name="Path">File or folder that would be removed.</param>
/// <param name="IsWhole">False = a download that broke off.</param>
internal sealed record LocalModel(string Name, long Bytes, DateTime Changed, string Source, string Path, bool IsWhole);
