// rig second-heart: the plant against the literature, and how much each assumed number matters.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "fixtures/second_heart/experiments.h"
#include "rig/app/commands.h"
#include "rig/app/measure_text.h"
#include "rig/app/places.h"
#include "rig/app/python.h"
#include "rig/config/plant_file.h"
#include "rig/core/error.h"
#include "rig/core/join.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

using namespace second_heart;

constexpr double kWorthTelling = 2;  // percent, of a tenth more of the parameter

struct Held {  // the plant against the literature
  PlantSettings settings;
  Parameters parameters;
  Figures figures{};
  std::vector<Sensitivity> sensitivities;
};

std::string rounded(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3g", value);
  return std::fabs(value) < 1000 ? text : std::to_string(std::lround(value));
}

void print_table(const Held& held) {
  const auto assumed = std::ranges::count_if(held.settings.parameters, &PlantParameter::assumed);
  std::printf(
      "%s: a model, no clinical claim; no verdict depends on it.\n"
      "%s: %zu parameters, %td of them assumed.\n\n",
      held.settings.title.c_str(), held.settings.file.c_str(), held.settings.parameters.size(),
      assumed);
  std::printf("%-54s %-16s %-5s  %-58s %s\n", "figure", "model", "", "literature", "seed text");
  std::size_t met = 0;
  for (std::size_t k = 0; k < kFigures; ++k) {
    const FigureInfo& info = figure_infos()[k];
    const bool meeting = meets(info, held.figures[k]);
    met += meeting ? 1 : 0;
    const std::string unit = info.unit == "1" ? "" : " " + std::string(info.unit);
    std::printf("%-54s %-16s %-5s  %-58s %s\n", std::string(info.name).c_str(),
                (rounded(held.figures[k]) + unit).c_str(), meeting ? "meets" : "MISS",
                std::string(info.literature).c_str(), std::string(info.seed).c_str());
  }
  std::printf(
      "\n%zu of %zu figures meet the literature (its range, or within 10 %% of a single "
      "figure).\n",
      met, std::size_t{kFigures});
}

void print_sensitivities(const Held& held) {
  if (held.sensitivities.empty()) return;
  std::printf(
      "\nChange of the figures when an assumed parameter grows by a tenth (from %g %% on):\n",
      kWorthTelling);
  for (const Sensitivity& s : held.sensitivities) {
    std::string changes;
    for (std::size_t k = 0; k < kFigures; ++k) {
      if (!(std::fabs(s.percent[k]) >= kWorthTelling)) continue;
      char text[80];
      std::snprintf(text, sizeof text, "%s %+.0f %%", std::string(figure_infos()[k].id).c_str(),
                    s.percent[k]);
      add_item(changes, ", ", text);
    }
    std::printf("  %-28s %-16s %s\n", std::string(s.parameter).c_str(),
                std::string(s.value).c_str(), changes.empty() ? "-" : changes.c_str());
  }
}

std::string list_of(std::span<const double> values) {
  std::string text;
  for (const double v : values) add_item(text, ", ", number(v));
  return "[" + text + "]";
}

std::string figures_json(const Held& held) {
  std::string all;
  for (std::size_t k = 0; k < kFigures; ++k) {
    const FigureInfo& info = figure_infos()[k];
    std::string one = "{\"id\": " + json_string(info.id) + ", \"name\": " + json_string(info.name);
    one += ", \"unit\": " + json_string(info.unit) +
           ", \"definition\": " + json_string(info.definition);
    one += ", \"model\": " + number(held.figures[k]);
    one += ", \"literature\": " + json_string(info.literature);
    one += ", \"low\": " + number(info.low) + ", \"high\": " + number(info.high);
    one += ", \"seed\": " + json_string(info.seed);
    one += meets(info, held.figures[k]) ? ", \"meets\": true}" : ", \"meets\": false}";
    add_item(all, ",\n  ", one);
  }
  return "[\n  " + all + "]";
}

std::string parameters_json(const Held& held) {
  std::string all;
  for (const PlantParameter& p : held.settings.parameters) {
    std::string one = "{\"name\": " + json_string(p.name) + ", \"value\": " + json_string(p.text);
    one += ", \"source\": " + json_string(p.source);
    const auto found = std::ranges::find(held.sensitivities, p.name, &Sensitivity::parameter);
    if (found != held.sensitivities.end()) one += ", \"percent\": " + list_of(found->percent);
    add_item(all, ",\n  ", one + "}");
  }
  return "[\n  " + all + "]";
}

std::string tiptoes_json(const TiptoeTrace& t) {
  std::string text = "{\"time\": " + list_of(t.time);
  text += ", \"deep_volume\": " + list_of(t.deep_volume);
  text += ", \"deep_pressure\": " + list_of(t.deep_pressure);
  text += ", \"calf_volume\": " + list_of(t.calf_volume);
  return text + ", \"ankle_pressure\": " + list_of(t.ankle_pressure) + "}";
}

std::string flows_json(const FlowTrace& f) {
  std::string text = "{\"time\": " + list_of(f.time) + ", \"force\": " + list_of(f.force);
  text += ", \"on\": " + list_of(f.on);
  text += ", \"calf_artery\": " + list_of(f.calf_artery);
  text += ", \"popliteal\": " + list_of(f.popliteal) + ", \"leg\": " + list_of(f.leg);
  return text + ", \"pelvis\": " + list_of(f.pelvis) + ", \"heart\": " + list_of(f.heart) + "}";
}

std::string rates_json(const Parameters& p) {
  std::string all;
  for (const RatePoint& point : sweep_rates(p)) {
    add_item(all, ", ",
             "{\"per_minute\": " + number(point.per_minute) + ", \"stroke\": " +
                 number(point.stroke) + ", \"minute\": " + number(point.minute) + "}");
  }
  return "[" + all + "]";
}

std::string as_json(const Held& held, bool traces) {
  std::string text = "{\"plant\": " + json_string(held.settings.title);
  text += ", \"note\": \"a model, no clinical claim; no verdict depends on it\"";
  text += ",\n \"figures\": " + figures_json(held);
  text += ",\n \"parameters\": " + parameters_json(held);
  text += ",\n \"rates\": " + rates_json(held.parameters);
  if (traces) {
    text += ",\n \"tiptoes\": " + tiptoes_json(trace_tiptoes(held.parameters, true));
    text += ",\n \"tiptoes_incompetent\": " + tiptoes_json(trace_tiptoes(held.parameters, false));
    text += ",\n \"flows\": " + flows_json(trace_flows(held.parameters));
  }
  return text + "}\n";
}

}  // namespace

std::string second_heart_json() {
  Held held;
  held.settings = load_plant(second_heart_file());
  held.parameters = parameters_from(held.settings);
  held.figures = run_experiments(held.parameters);
  return as_json(held, false);
}

int second_heart_command(const SecondHeartOptions& options) {
  Held held;
  held.settings = load_plant(options.parameters.empty() ? second_heart_file() : options.parameters);
  held.parameters = parameters_from(held.settings);
  held.figures = run_experiments(held.parameters);
  if (options.sensitivities) held.sensitivities = sensitivities(held.settings, held.figures);
  if (options.json) {
    std::printf("%s", as_json(held, false).c_str());
  } else {
    print_table(held);
    print_sensitivities(held);
  }
  if (!options.page.empty()) {
    if (!run_python({"-m", "soleus_report.second_heart", options.page}, as_json(held, true))) {
      throw RigError(options.page + ": the page could not be made");
    }
    if (!options.json) std::printf("\n%s\n", options.page.c_str());
  }
  return 0;
}

}  // namespace rig
