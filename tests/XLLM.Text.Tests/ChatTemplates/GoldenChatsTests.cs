using XLLM.Testing;
using XLLM.Verification;

namespace XLLM.Text.Tests.ChatTemplates;

/// <summary>Every line of the shared goldens: published templates, rendered by Jinja2.</summary>
public class GoldenChatsTests
{
    [SharedFact("golden/chats", "golden/templates", "golden/tokenizers")]
    public void Every_line_of_every_published_template_is_equal()
    {
        string[] files = Directory.GetFiles(SharedData.Find("golden", "chats")!, "*.jsonl");
        List<string> failed = [];
        int lines = 0;
        foreach (string file in files)
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string template = SharedData.Find("golden", "templates", name + ".jinja") ?? SharedData.Find("golden", "tokenizers", name)!;
            IReadOnlyList<VerifyCase> cases = ChatVerifier.Verify(template, file);
            lines += cases.Count;
            failed.AddRange(cases.Where(c => !c.Passed).Select(c => $"{c.Name}: {c.Detail}"));
        }

        Assert.True(failed.Count == 0, $"{failed.Count} of {lines} lines differ:\n{string.Join('\n', failed.Take(12))}");
        Assert.Equal((23, 433), (files.Length, lines));
    }

    [SharedFact("models/SmolLM2-135M-Instruct.Q4_1.gguf")]
    public void The_template_inside_of_a_GGUF_file_renders_with_its_special_tokens()
    {
        Text.ChatTemplates.ChatTemplateSource source =
            Text.ChatTemplates.ChatTemplateSource.Load(SharedData.Find("models", "SmolLM2-135M-Instruct.Q4_1.gguf")!);
        string text = Text.ChatTemplates.ChatTemplate.Parse(source.Choose(hasTools: false)!).Render(new()
        {
            Messages = Rendering.Json("""[{"role": "user", "content": "Hi"}]"""),
            SpecialTokens = source.SpecialTokens,
        });

        Assert.EndsWith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", text);
        Assert.Equal("<|im_end|>", source.SpecialTokens["eos_token"]);
    }
}
