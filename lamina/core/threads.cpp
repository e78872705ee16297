#include "lamina/core/threads.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/object.h"
#include "lamina/core/text.h"

namespace lamina {

namespace {

// The processors that the cgroup's quota allows, rounded up; 0 when there is no quota.
int cgroup_limit() {
  std::string quota;
  int64_t period = 0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period) {
    if (quota == "max" || period <= 0) return 0;
    return int((std::stoll(quota) + period - 1) / period);
  }
  int64_t us = -1;
  std::ifstream q("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), p("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (!(q >> us) || !(p >> period) || us <= 0 || period <= 0) return 0;
  return int((us + period - 1) / period);
}

int available_processors() {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : int(std::thread::hardware_concurrency());
  if (const char* wish = std::getenv("OMP_NUM_THREADS")) {
    const int asked = std::atoi(wish);
    if (asked > 0) return asked;
  }
  try {
    if (const int limit = cgroup_limit(); limit > 0) n = std::min(n, limit);
  } catch (const std::exception&) {  // an odd cgroup file limits nothing
  }
  return std::max(n, 1);
}

struct Job {
  void (*run)(void*, int64_t, int64_t);
  void* f;
  int64_t n, grain, pieces;
  std::atomic<int64_t> next{0};
  std::atomic<int> inside{0};  // workers that may still touch this job
  std::mutex failure_mutex;
  std::exception_ptr failure;

  Job(void (*run)(void*, int64_t, int64_t), void* f, int64_t n, int64_t grain, int64_t pieces)
      : run(run), f(f), n(n), grain(grain), pieces(pieces) {}
  void work() {
    for (int64_t piece; (piece = next.fetch_add(1, std::memory_order_relaxed)) < pieces;) {
      try {
        run(f, piece * grain, std::min(n, (piece + 1) * grain));
      } catch (...) {
        std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next.store(pieces, std::memory_order_relaxed);
      }
    }
  }
};

thread_local bool in_parallel = false;

// Workers look for a job for a few microseconds, then sleep, so that they never hold a core another process wants.
class Pool {
 public:
  void run(Job& job, int threads) {
    grow(threads - 1);
    {
      std::lock_guard lock(mutex_);
      job_ = &job;
      wanted_ = threads - 1;
      generation_.fetch_add(1, std::memory_order_release);
    }
    if (sleeping_.load(std::memory_order_acquire) > 0) wake_.notify_all();
    in_parallel = true;
    job.work();
    in_parallel = false;
    {
      std::lock_guard lock(mutex_);
      job_ = nullptr;  // no worker enters any more
    }
    while (job.inside.load(std::memory_order_acquire) > 0) std::this_thread::yield();
  }

 private:
  void grow(int workers) {
    while (started_ < workers) {
      try {
        std::thread([this] { serve(); }).detach();
      } catch (const std::system_error&) {
        return;  // the system gives no more threads: those that run do the work
      }
      ++started_;
    }
  }

  void serve() {
    in_parallel = true;
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < 2000 && generation_.load(std::memory_order_acquire) == seen; ++spin)
        __builtin_ia32_pause();
      Job* job;
      {
        std::unique_lock lock(mutex_);
        if (generation_.load(std::memory_order_relaxed) == seen) {
          sleeping_.fetch_add(1, std::memory_order_relaxed);
          wake_.wait(lock, [&] { return generation_.load(std::memory_order_relaxed) != seen; });
          sleeping_.fetch_sub(1, std::memory_order_relaxed);
        }
        seen = generation_.load(std::memory_order_relaxed);
        job = wanted_ > 0 ? job_ : nullptr;
        if (job) {
          --wanted_;
          job->inside.fetch_add(1, std::memory_order_relaxed);
        }
      }
      if (!job) continue;
      job->work();
      job->inside.fetch_sub(1, std::memory_order_release);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  Job* job_ = nullptr;
  int wanted_ = 0, started_ = 0;
  std::atomic<int> sleeping_{0};
  std::atomic<uint64_t> generation_{0};
};

// Never destroyed: workers are detached and live as long as the process. After a fork the child has none of the parent's
// threads, so it starts with a pool of its own.
std::atomic<Pool*> pool{nullptr};
std::atomic<bool> busy{false};
std::atomic<int> threads{0};

void after_fork_in_child() {
  pool.store(nullptr);
  busy.store(false);
}

Pool& the_pool() {
  Pool* p = pool.load();
  if (!p) {
    static const int registered = pthread_atfork(nullptr, nullptr, after_fork_in_child);
    (void)registered;
    p = new Pool;
    pool.store(p);
  }
  return *p;
}

}  // namespace

int num_threads() {
  int n = threads.load(std::memory_order_relaxed);
  if (n == 0) threads.store(n = available_processors(), std::memory_order_relaxed);
  return n;
}

void set_num_threads(int n) {
  if (n < 1) throw OptionError(str("set_num_threads: expected at least 1 thread, got ", n));
  threads.store(n, std::memory_order_relaxed);
}

void detail::parallel_pieces(int64_t n, int64_t grain, void (*run)(void*, int64_t, int64_t), void* f) {
  const int64_t pieces = (n + grain - 1) / grain;
  const Unlocked unlocked(true);  // work for several pieces is worth letting other Python threads run
  const int use = int(std::min<int64_t>(num_threads(), pieces));
  if (use <= 1 || in_parallel || busy.exchange(true, std::memory_order_acquire)) {
    for (int64_t piece = 0; piece < pieces; ++piece) run(f, piece * grain, std::min(n, (piece + 1) * grain));
    return;
  }
  Job job(run, f, n, grain, pieces);
  the_pool().run(job, use);
  busy.store(false, std::memory_order_release);
  if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace lamina
