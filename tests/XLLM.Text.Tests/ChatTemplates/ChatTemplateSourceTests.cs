using XLLM.Text.ChatTemplates;
using XLLM.Verification;

namespace XLLM.Text.Tests.ChatTemplates;

public sealed class ChatTemplateSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-chat").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Named_templates_are_chosen_by_whether_there_are_tools()
    {
        Write("tokenizer_config.json", """
            {"chat_template": [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "T"}],
             "bos_token": {"content": "<s>"}, "eos_token": "</s>", "pad_token": null}
            """);
        ChatTemplateSource source = ChatTemplateSource.Load(_folder);

        Assert.Equal(("D", "T"), (source.Choose(hasTools: false), source.Choose(hasTools: true)));
        Assert.Equal(("<s>", "</s>", 2), (source.SpecialTokens["bos_token"], source.SpecialTokens["eos_token"], source.SpecialTokens.Count));
    }

    [Fact]
    public void A_template_file_of_its_own_wins()
    {
        Write("tokenizer_config.json", """{"chat_template": "old"}""");
        Write("chat_template.jinja", "new");
        Assert.Equal("new", ChatTemplateSource.Load(_folder).Choose(hasTools: true));
    }

    [Fact]
    public void A_folder_without_a_template_has_none_to_choose() => Assert.Null(ChatTemplateSource.Load(_folder).Choose(hasTools: false));

    [Fact]
    public void The_verifier_passes_equal_lines_and_says_where_others_differ()
    {
        string template = Write("t.jinja", "{% if messages|length == 0 %}{{ raise_exception('empty') }}{% endif %}{{ x }}{{ messages[0].content }}");
        string lines = Write("lines.jsonl", """
            {"name": "same", "messages": [{"content": "b"}], "options": {"x": "a"}, "text": "ab"}
            {"name": "other", "messages": [{"content": "b"}], "options": {"x": "a"}, "text": "ac"}
            {"name": "refused", "messages": [], "options": {}, "error": true, "why": "empty"}
            {"name": "refused otherwise", "messages": [], "options": {}, "error": true, "why": "full"}
            {"name": "not refused", "messages": [{"content": "b"}], "options": {}, "error": true, "why": "empty"}
            {"name": "failed", "messages": [1], "options": {"x": 1}, "text": "1"}
            """);
        IReadOnlyList<VerifyCase> cases = ChatVerifier.Verify(template, lines);

        Assert.Equal([true, false, true, false, false, true], cases.Select(c => c.Passed));
        Assert.Contains("from character 1", cases[1].Detail);
        Assert.Equal("lines line 2: other", cases[1].Name);
    }

    [Fact]
    public void The_verifier_refuses_lines_of_another_form()
    {
        string template = Write("t.jinja", "x");
        Assert.Throws<InvalidDataException>(() => ChatVerifier.Verify(template, Write("a.jsonl", "{}")));
        Assert.Throws<InvalidDataException>(() => ChatVerifier.Verify(template, Write("b.jsonl", "not json")));
        Assert.Throws<InvalidDataException>(() => ChatVerifier.Verify(_folder, Write("c.jsonl", "{}")));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
