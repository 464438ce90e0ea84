#include "rig/evidence/event_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "rig/evidence/event_line.h"

namespace rig {
namespace {

using json::Json;

// Holds the file against the other processes' logs.
class FileLock {
 public:
  FileLock(int fd, const std::filesystem::path& path) : fd_(fd) {
    while (::flock(fd_, LOCK_EX) != 0) {
      if (errno != EINTR) throw errno_error(path, "lock", errno);
    }
  }
  ~FileLock() { ::flock(fd_, LOCK_UN); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

off_t size_of(int fd, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw errno_error(path, "stat", errno);
  return status.st_size;
}

// True when a writer was killed within its line.
bool ends_torn(int fd, off_t size) {
  char last = '\n';
  return size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

class EventLog::Line {
 public:
  Line(const char* type, std::int64_t of_case, bool first = false)
      : of_case_(of_case), first_(first) {
    json_["type"] = type;
    json_["case"] = of_case;
    json_["seq"] = 0;
    json_["prev"] = "";
  }
  json::Writer fields() { return json::Writer(json_); }
  std::int64_t of_case() const { return of_case_; }
  bool first() const { return first_; }  // of its chain, for all this log knows
  bool begins() const { return json_["type"] == "run_begin" || json_["type"] == "case_begin"; }
  bool ends() const { return json_["type"] == "run_end" || json_["type"] == "case_end"; }
  std::string text(const Chain& chain) {
    json_["seq"] = chain.next_seq;
    json_["prev"] = chain.prev;
    return json_.dump();
  }

 private:
  std::int64_t of_case_;
  bool first_;
  Json json_ = Json::object();
};

EventLog::EventLog(const std::filesystem::path& run_folder)
    : path_(run_folder / kEventFile), file_(path_, O_RDWR | O_APPEND | O_CREAT) {}

void EventLog::begin_run(const RunRecord& run) {
  Line line("run_begin", kRunChain, true);
  auto fields = line.fields();
  describe_head(fields, run);
  append(std::move(line));
}

void EventLog::begin_case(const CaseRecord& record) {
  Line line("case_begin", record.index, record.attempt == 1);
  auto fields = line.fields();
  describe_head(fields, record);
  append(std::move(line));
}

void EventLog::add_step(std::uint32_t case_index, const StepRecord& step) {
  Line line("step", case_index);
  auto fields = line.fields();
  describe(fields, step);
  append(std::move(line));
}

void EventLog::end_case(const CaseRecord& record) {
  Line line("case_end", record.index);
  auto fields = line.fields();
  describe_outcome(fields, record);
  append(std::move(line));
}

void EventLog::end_run(const RunRecord& run) {
  Line line("run_end", kRunChain);
  auto fields = line.fields();
  describe_outcome(fields, run);
  append(std::move(line));
}

void EventLog::append(Line line) {
  const std::scoped_lock guard(mutex_);
  if (!line.first() && !chains_.contains(line.of_case())) {
    chains_[line.of_case()] = stored_chain(line.of_case());  // begun by a process that is gone
  }
  Chain& chain = chains_[line.of_case()];
  if (!line.begins() && chain.next_seq == 0) {
    throw std::logic_error("an event of case " + std::to_string(line.of_case()) +
                           " before its beginning");
  }
  const std::string text = line.text(chain);
  store(text);
  chain = {.next_seq = chain.next_seq + 1, .prev = sha256_hex(text)};
  // Steps survive a kill as they are; ends survive a power cut as well. A device that cannot
  // synchronise (EINVAL) has nothing to lose.
  if (line.ends() && ::fdatasync(file_.get()) != 0 && errno != EINVAL) {
    throw errno_error(path_, "sync", errno);
  }
}

void EventLog::store(const std::string& line) {
  const FileLock lock(file_.get(), path_);
  const off_t size = size_of(file_.get(), path_);
  try {
    file_.write_all((ends_torn(file_.get(), size) ? "\n" : "") + line + "\n");
  } catch (const RigError&) {
    if (::ftruncate(file_.get(), size) != 0) throw;  // a torn line is what readers expect
    throw;
  }
}

// Where the chain stands in the file. A torn line has no successor, so it does not count.
EventLog::Chain EventLog::stored_chain(std::int64_t of_case) const {
  Chain chain;
  for_each_line(read_file(path_), [&](std::string_view line, std::size_t) {
    const auto event = parse_event(line);
    if (!event || event->value("case", kRunChain) != of_case) return;
    chain = {.next_seq = event->value("seq", std::uint64_t{0}) + 1, .prev = sha256_hex(line)};
  });
  return chain;
}

}  // namespace rig
