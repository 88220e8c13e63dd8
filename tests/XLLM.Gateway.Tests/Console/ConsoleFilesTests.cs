using System.Text;
using System.Text.RegularExpressions;
using XLLM.Gateway.Console;

namespace XLLM.Gateway.Tests.Console;

public sealed partial class ConsoleFilesTests
{
    [Fact]
    public void Whatever_a_file_names_is_there_and_nothing_is_from_elsewhere()
    {
        foreach (string name in ConsoleFiles.Names)
        {
            string text = Encoding.UTF8.GetString(ConsoleFiles.Find(name)!.Content.Span);
            foreach (Match import in Import().Matches(text))
            {
                Assert.True(ConsoleFiles.Find(import.Groups[1].Value) is not null, $"{name} names {import.Groups[1].Value}");
            }

            Assert.DoesNotMatch(Elsewhere(), text);
        }
    }

    [Theory]
    [InlineData("../appsettings.json")]
    [InlineData("..%2f..%2fetc/passwd")]
    [InlineData("")]
    public void Only_its_own_files_are_found(string name) => Assert.Null(ConsoleFiles.Find(name));

    [GeneratedRegex("""(?:from '\./|(?:href|src)="console/)([^'"]+)['"]""")]
    private static partial Regex Import();

    [GeneratedRegex("""(?:src|href)="(?:https?:)?//|@import|url\(|innerHTML|eval\(""")]
    private static partial Regex Elsewhere();
}
