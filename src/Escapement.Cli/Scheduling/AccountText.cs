using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>Prints the account of a job or of all jobs: as text on a terminal, or as lines with tabs through a
/// pipe.</summary>
/// <param name="output">The output.</param>
/// <param name="language">The language of the headings. The sentences have the language of the answer.</param>
sealed class AccountText(Output output, Language language)
{
    readonly bool isForPeople = output.Width is not null;
    readonly TimeText time = new(output.Width is not null);

    /// <summary>Prints the answer of <c>why</c>.</summary>
    public void PrintJob(JsonElement answer)
    {
        PrintAccount(answer.Text("job_id"), answer);
        if (answer.Text("ended") is { Length: > 0 } ended)
        {
            if (isForPeople) output.Paragraph(DisplayText.Expand(ended).Text);
            else Fields("ended", ended);
        }

        PrintActivations(answer);
        Section(Say("Changed", "变更"), answer.Items("changes"), change =>
        {
            if (isForPeople) output.Paragraph(DisplayText.Expand(change.Text("sentence")).Text, indent: 2);
            else Fields("change", change.Text("at"), change.Text("kind"), change.Text("by"), change.Text("reason"), change.Text("sentence"));
        });
        Section(Say("Did not run", "未运行"), answer.Items("entries"), item =>
        {
            if (isForPeople)
            {
                PrintItem(item, "");
            }
            else
            {
                Fields(item.Text("kind"), item.Text("first"), item.Text("last"), item.Text("count"), item.Text("reason"),
                    item.Is("decided") ? "decided" : "undecided", item.Text("sentence"), item.Text("advice"));
            }
        });
        Section(Say("Made up", "已补跑"), answer.Items("made_up"), item =>
        {
            if (isForPeople) Paragraphs(item.Text("sentence"));
            else Fields("made_up", item.Text("first"), item.Text("last"), item.Text("count"), item.Text("reason"), item.Text("by"), item.Text("at"), item.Text("sentence"));
        });
        Section(Say("Ran without success", "运行未成功"), answer.Items("unsuccessful"), run =>
        {
            var error = run.Text("error").Split('\n')[0];
            if (isForPeople) Paragraphs($"{time.Short(run.Text("fire_time"))}: {run.Text("outcome")}", run.Text("reason"), error);
            else Fields("unsuccessful", run.Text("fire_time"), run.Text("id"), run.Text("outcome"), run.Text("reason"), run.Text("error"));
        });
        PrintImbalances(answer);
        PrintCut(answer);
    }

    /// <summary>Prints the answer of <c>audit</c>.</summary>
    public void PrintAll(JsonElement answer)
    {
        PrintAccount(Say("All jobs", "所有作业"), answer);
        Section(Say("Jobs", "作业"), answer.Items("jobs"), job =>
        {
            var account = job.Object("account");
            if (isForPeople)
            {
                Paragraphs(job.Text("job_id"), account.Text("sentence"));
            }
            else
            {
                Fields("job", job.Text("job_id"), account.Text("due"), account.Text("ran"), account.Text("running"),
                    account.Text("skipped"), account.Text("missed"), account.Is("balanced") ? "balanced" : "unbalanced",
                    account.Text("sentence"));
            }
        });
        PrintActivations(answer);
        Section(Say("Did not run", "未运行"), answer.Items("causes"), cause =>
        {
            var jobs = cause.Items("jobs").Select(job => job.ToString()).ToList();
            var more = cause.Number("job_count") - jobs.Count;
            var names = string.Join(isForPeople ? ", " : ",", jobs) + (more > 0 ? isForPeople ? $", +{more}" : $",+{more}" : "");
            if (isForPeople)
            {
                PrintItem(cause, names);
            }
            else
            {
                Fields(cause.Text("kind"), cause.Text("first"), cause.Text("last"), cause.Text("count"), cause.Text("reason"), names,
                    cause.Text("sentence"), cause.Text("advice"));
            }
        });
        PrintImbalances(answer);
        PrintCut(answer);
    }

    void PrintAccount(string name, JsonElement answer)
    {
        var (account, since) = (answer.Object("account"), answer.Text("complete_since"));
        if (!isForPeople)
        {
            Fields("account", answer.Text("from"), answer.Text("to"), account.Text("due"), account.Text("ran"), account.Text("running"),
                account.Text("skipped"), account.Text("missed"), account.Is("balanced") ? "balanced" : "unbalanced", since,
                account.Text("sentence"));
            return;
        }

        output.Paragraph(output.Bold(DisplayText.Expand(name).Text) + Say(
            $", {time.Full(answer.Text("from"))} to {time.Full(answer.Text("to"))}", $"，{time.Full(answer.Text("from"))} 至 {time.Full(answer.Text("to"))}"));
        var sentence = account.Text("sentence");
        output.Paragraph(account.Is("balanced") ? output.Green(sentence) : output.Red(sentence));
        if (since.Length > 0) output.Paragraph(Say($"The record is complete since {time.Full(since)}.", $"记录自 {time.Full(since)} 起完整。"));
        if (account.Number("unsuccessful") is > 0 and var unsuccessful)
        {
            output.Paragraph(Say($"{unsuccessful} of the runs did not succeed.", $"其中 {unsuccessful} 次运行未成功。"));
        }

        if (account.Number("made_up") is > 0 and var madeUp)
        {
            output.Paragraph(Say($"{madeUp} of the runs make up for fire times that did not run.", $"其中 {madeUp} 次运行用于补跑未运行的触发时间。"));
        }
    }

    void PrintActivations(JsonElement answer) => Section(Say("Active", "活动进程"), answer.Items("epochs"), activation =>
    {
        if (isForPeople)
        {
            output.Paragraph(DisplayText.Expand(activation.Text("sentence")).Text, indent: 2);
        }
        else
        {
            Fields("epoch", activation.Text("begun"), activation.Text("ended"), activation.Text("epoch"), activation.Text("pid"),
                activation.Text("host"), activation.Text("how"), activation.Text("gap"), activation.Text("sentence"));
        }
    });

    void PrintImbalances(JsonElement answer) => Section(Say("Does not balance", "账目不平"), answer.Items("imbalances"), imbalance =>
    {
        var job = imbalance.Text("job_id");
        if (isForPeople)
        {
            Paragraphs(output.Red($"{time.Full(imbalance.Text("fire_time"))}{(job.Length > 0 ? ", " + DisplayText.Expand(job).Text : "")}"),
                imbalance.Text("sentence"));
        }
        else
        {
            Fields("imbalance", imbalance.Text("fire_time"), job, imbalance.Text("sentence"));
        }
    });

    void PrintCut(JsonElement answer)
    {
        if (answer.Is("cut"))
        {
            StandardError.Say(Say("The lists are cut; the numbers count all. Ask for a shorter time span.", "列表已截断，数字为完整统计。请缩短时间段。"));
        }
    }

    void PrintItem(JsonElement item, string jobs)
    {
        var (first, last, count) = (item.Text("first"), item.Text("last"), item.Number("count"));
        var isMissed = item.Text("kind") == "missed";
        var word = isMissed ? output.Yellow(Say("missed", "错过")) : Say("skipped", "跳过");
        var fate = $"{word}, {item.Text("reason")}{(jobs.Length > 0 ? ", " + DisplayText.Expand(jobs).Text : "")}";
        Paragraphs(count == 1
            ? $"{time.Short(first)}: {fate}"
            : Say($"{time.Short(first)} to {time.Second(first, last)}, {count} fire times: {fate}",
                $"{time.Short(first)} 至 {time.Second(first, last)}，{count} 次：{fate}"),
            item.Text("sentence"), item.Text("advice"));
    }

    void Section(string heading, IEnumerable<JsonElement> items, Action<JsonElement> print)
    {
        var isFirst = true;
        foreach (var item in items)
        {
            if (isFirst && isForPeople)
            {
                output.Line();
                output.Line(output.Bold(heading));
            }

            isFirst = false;
            print(item);
        }
    }

    void Paragraphs(string head, params string[] texts)
    {
        output.Paragraph(head, indent: 2);
        foreach (var text in texts)
        {
            if (text.Length > 0) output.Paragraph(DisplayText.Expand(text).Text, indent: 4);
        }
    }

    void Fields(params string[] fields) => output.Line(string.Join('\t', fields.Select(Table.Plain)));

    string Say(string english, string chinese) => language == Language.Chinese ? chinese : english;
}
